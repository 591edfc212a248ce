#if defined(__aarch64__)
#include "neon_refusal.h"

#include <stdbool.h>
#include <stddef.h>

#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>

static bool has_dotprod(void) { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }
static bool has_i8mm(void) { return (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }
#elif defined(__APPLE__)
#include <sys/sysctl.h>

static bool has_feature(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}

static bool has_dotprod(void) { return has_feature("hw.optional.arm.FEAT_DotProd"); }
static bool has_i8mm(void) { return has_feature("hw.optional.arm.FEAT_I8MM"); }
#else
// No way to ask: only what every processor of the build has.
static bool has_dotprod(void) {
#if defined(__ARM_FEATURE_DOTPROD)
    return true;
#else
    return false;
#endif
}

static bool has_i8mm(void) {
#if defined(__ARM_FEATURE_MATMUL_INT8)
    return true;
#else
    return false;
#endif
}
#endif

const char *egg_neon_dotprod_refusal(void) {
    return has_dotprod() ? NULL : "this processor has no dot products (FEAT_DotProd)";
}

const char *egg_neon_i8mm_refusal(void) {
    return has_i8mm() ? NULL : "this processor has no Int8 matrix products (FEAT_I8MM)";
}
#endif
