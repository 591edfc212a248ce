// What the NEON kernels need of the processor.
#ifndef EGG_NEON_REFUSAL_H
#define EGG_NEON_REFUSAL_H

/// Why the processor cannot run the kernel, NULL when it can.
const char *egg_neon_dotprod_refusal(void);
const char *egg_neon_i8mm_refusal(void);

#endif
