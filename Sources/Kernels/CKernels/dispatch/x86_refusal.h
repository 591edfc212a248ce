// What the kernels of x86-64 need of the processor and the operating system.
#ifndef EGG_X86_REFUSAL_H
#define EGG_X86_REFUSAL_H

/// Why this machine cannot run the kernel, NULL when it can.
const char *egg_avx2_refusal(void);
const char *egg_avxvnni_refusal(void);
const char *egg_avx512_refusal(void);
const char *egg_amx_refusal(void);

#endif
