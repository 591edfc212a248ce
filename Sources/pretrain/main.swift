Pretrain.start()
