import Commands

ToolkitCommand.storybook.start()
