Tokenize.start()
