// What the kernels of x86-64 need: their code may use any instruction of the sets that their files
// are compiled for.
#if defined(__x86_64__)
#if defined(__linux__)
#define _GNU_SOURCE  // syscall
#include <sys/syscall.h>
#include <unistd.h>
#endif
#include <pthread.h>
#include <stddef.h>

#include "x86_refusal.h"

const char *egg_avx2_refusal(void) {
    if (!__builtin_cpu_supports("avx2")) return "this processor has no AVX2";
    if (!__builtin_cpu_supports("bmi")) return "this processor has AVX2 but no BMI1";
    if (!__builtin_cpu_supports("bmi2")) return "this processor has AVX2 but no BMI2";
    if (!__builtin_cpu_supports("lzcnt")) return "this processor has AVX2 but no LZCNT";
    return NULL;
}

const char *egg_avxvnni_refusal(void) {
    if (!__builtin_cpu_supports("avxvnni")) return "this processor has no AVX-VNNI";
    return egg_avx2_refusal();
}

const char *egg_avx512_refusal(void) {
    if (!__builtin_cpu_supports("avx512f")) return "this processor has no AVX-512";
    if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512dq"))
        return "this processor has AVX-512 but not all of BW, VL and DQ";
    if (!__builtin_cpu_supports("avx512vnni")) return "this processor has AVX-512 but no VNNI";
    return egg_avx2_refusal();
}

// MARK: tiles

/// Whether the operating system lets this process use tiles; it has to be asked, once.
static int amx_permission;

#if defined(__linux__)
enum {
    arch_request_permission = 0x1023,  // ARCH_REQ_XCOMP_PERM of asm/prctl.h, Linux 5.16
    feature_tile_data = 18,            // XFEATURE_XTILE_DATA
};

static void amx_ask(void) {
    amx_permission = syscall(SYS_arch_prctl, arch_request_permission, feature_tile_data) == 0;
}
#else
static void amx_ask(void) {}  // no other system is known to grant it
#endif

static int amx_permitted(void) {
    static pthread_once_t asked = PTHREAD_ONCE_INIT;
    pthread_once(&asked, amx_ask);
    return amx_permission;
}

const char *egg_amx_refusal(void) {
    if (!__builtin_cpu_supports("amx-tile") || !__builtin_cpu_supports("amx-int8"))
        return "this processor has no AMX for Int8";
    const char *vectors = egg_avx512_refusal();
    if (vectors != NULL) return vectors;
    return amx_permitted() ? NULL : "the operating system does not let this process use AMX tiles";
}
#endif
