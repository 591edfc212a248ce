// The table of the AVX-512 VNNI kernel: what it has by hand, and the plain loops for the rest.
#if defined(__x86_64__)
#include "avx512.h"

#define EGG_UNIT avx512
EGG_TARGET_BEGIN(EGG_AVX512)
#include "../../portable/loops.h"

const egg_kernel egg_avx512_kernel = {
    .name = "avx512-vnni",
    .block_rows = 48,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    AVX512_FUNCTIONS(EGG_MEMBER)
};

EGG_TARGET_END
#endif
