import Commands

ToolkitCommand.report.start()
