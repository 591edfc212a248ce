import Commands

Egg.start()
