// The table of kernels and what each needs of the machine.
#include "egg_kernels.h"

extern const egg_kernel egg_portable_kernel;

#if defined(__x86_64__)
extern const egg_kernel egg_avx2_kernel;

static const egg_kernel *const egg_kernels[] = {&egg_avx2_kernel, &egg_portable_kernel};

// What avx2.c is compiled with: its code may use any of these.
static const char *egg_avx2_refusal(void) {
    if (!__builtin_cpu_supports("avx2")) return "this processor has no AVX2";
    if (!__builtin_cpu_supports("bmi")) return "this processor has AVX2 but no BMI1";
    if (!__builtin_cpu_supports("bmi2")) return "this processor has AVX2 but no BMI2";
    if (!__builtin_cpu_supports("lzcnt")) return "this processor has AVX2 but no LZCNT";
    return NULL;
}

const char *egg_kernel_refusal(int32_t index) {
    return egg_kernels[index] == &egg_avx2_kernel ? egg_avx2_refusal() : NULL;
}
#else
static const egg_kernel *const egg_kernels[] = {&egg_portable_kernel};

const char *egg_kernel_refusal(int32_t index) {
    (void)index;
    return NULL;
}
#endif

const int32_t egg_kernel_count = sizeof egg_kernels / sizeof egg_kernels[0];

const egg_kernel *egg_kernel_at(int32_t index) { return egg_kernels[index]; }
