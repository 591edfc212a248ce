// The functions that the AVX-512 kernel has by hand; the AMX kernel has some of them too.
#ifndef EGG_AVX512_H
#define EGG_AVX512_H

#include "../x86.h"

#define AVX512_FUNCTIONS(F)      \
    F(avx512, packed_bytes)      \
    F(avx512, pack)              \
    F(avx512, product_scratch)   \
    F(avx512, product)           \
    F(avx512, normalize)         \
    F(avx512, gate)              \
    F(avx512, update_state)      \
    F(avx512, add)               \
    F(avx512, log_likelihood)    \
    F(avx512, noise)             \
    F(avx512, vote_scratch)      \
    F(avx512, votes)             \
    F(avx512, roofline)

AVX512_FUNCTIONS(EGG_DECLARATION)

#endif
