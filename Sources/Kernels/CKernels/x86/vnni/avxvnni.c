// The table of the AVX-VNNI kernel (256-bit vectors): products with vpdpbusd, the rest as AVX2 has it.
#if defined(__x86_64__)
#include "../avx2/avx2.h"
#include "avxvnni.h"

#define EGG_UNIT avxvnni
EGG_TARGET_BEGIN(EGG_AVXVNNI)
#include "../../portable/loops.h"

const egg_kernel egg_avxvnni_kernel = {
    .name = "avx-vnni",
    .block_rows = 48,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    AVX2_FUNCTIONS(EGG_MEMBER)
    AVXVNNI_FUNCTIONS(EGG_MEMBER)
};

EGG_TARGET_END
#endif
