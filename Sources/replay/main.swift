ReplayCommand.start()
