// The table of the AMX kernel: products and votes by tiles, the rest as AVX-512 has it.
#if defined(__x86_64__)
#include "../avx512/avx512.h"
#include "amx.h"

#define EGG_UNIT amx
EGG_TARGET_BEGIN(EGG_AMX)
#include "../../portable/loops.h"

const egg_kernel egg_amx_kernel = {
    .name = "amx",
    .block_rows = 64,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    AVX512_FUNCTIONS(EGG_MEMBER)
    AMX_FUNCTIONS(EGG_MEMBER)
};

EGG_TARGET_END
#endif
