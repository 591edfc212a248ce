StorybookCommand.start()
