// The table of the AVX2 kernel: what it has by hand, and the plain loops for the rest.
#if defined(__x86_64__)
#include "avx2.h"

#define EGG_UNIT avx2
EGG_TARGET_BEGIN(EGG_AVX2)
#include "../../portable/loops.h"

const egg_kernel egg_avx2_kernel = {
    .name = "avx2",
    .block_rows = 96,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    AVX2_FUNCTIONS(EGG_MEMBER)
};

EGG_TARGET_END
#endif
