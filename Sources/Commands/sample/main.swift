Sample.start()
