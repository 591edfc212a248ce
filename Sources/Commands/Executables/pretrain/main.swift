import Commands

ToolkitCommand.pretrain.start()
