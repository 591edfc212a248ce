import Commands

ToolkitCommand.sample.start()
