Evaluate.start()
