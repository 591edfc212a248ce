import Commands

ToolkitCommand.replay.start()
