import Commands

ToolkitCommand.tokenize.start()
