KernelBench.start()
