import Commands

ToolkitCommand.evaluate.start()
