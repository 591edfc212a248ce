// The table of kernels and what each needs of the machine.
#include "egg_kernels.h"

extern const egg_kernel egg_portable_kernel;

/// A kernel and why this machine cannot run it; refusal == NULL: every machine can.
typedef struct {
    const egg_kernel *kernel;
    const char *(*refusal)(void);
} egg_entry;

#if defined(__x86_64__)
#include "x86_refusal.h"

extern const egg_kernel egg_amx_kernel, egg_avx512_kernel, egg_avxvnni_kernel, egg_avx2_kernel;
#elif defined(__aarch64__)
#include "neon_refusal.h"

extern const egg_kernel egg_neon_i8mm_kernel, egg_neon_dotprod_kernel, egg_neon_kernel;
#endif

static const egg_entry egg_entries[] = {
#if defined(__x86_64__)
    {&egg_amx_kernel, egg_amx_refusal},
    {&egg_avx512_kernel, egg_avx512_refusal},
    {&egg_avxvnni_kernel, egg_avxvnni_refusal},
    {&egg_avx2_kernel, egg_avx2_refusal},
#elif defined(__aarch64__)
    {&egg_neon_i8mm_kernel, egg_neon_i8mm_refusal},
    {&egg_neon_dotprod_kernel, egg_neon_dotprod_refusal},
    {&egg_neon_kernel, NULL},
#endif
    {&egg_portable_kernel, NULL},
};

const int32_t egg_kernel_count = sizeof egg_entries / sizeof egg_entries[0];

const egg_kernel *egg_kernel_at(int32_t index) { return egg_entries[index].kernel; }

const char *egg_kernel_refusal(int32_t index) {
    const egg_entry *entry = &egg_entries[index];
    return entry->refusal == NULL ? NULL : entry->refusal();
}
