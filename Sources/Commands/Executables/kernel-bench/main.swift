import Commands

ToolkitCommand.kernelBench.start()
