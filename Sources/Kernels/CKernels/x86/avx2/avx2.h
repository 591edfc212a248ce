// What the files of the AVX2 kernel share.
#ifndef EGG_AVX2_H
#define EGG_AVX2_H

#include "../x86.h"

/// The functions that the AVX2 kernel has by hand.
#define AVX2_FUNCTIONS(F)      \
    F(avx2, packed_bytes)      \
    F(avx2, pack)              \
    F(avx2, product_scratch)   \
    F(avx2, product)           \
    F(avx2, normalize)         \
    F(avx2, update_state)      \
    F(avx2, log_likelihood)    \
    F(avx2, softmax_error)     \
    F(avx2, noise)             \
    F(avx2, vote_scratch)      \
    F(avx2, votes)             \
    F(avx2, roofline)

AVX2_FUNCTIONS(EGG_DECLARATION)

// MARK: panels and sums

EGG_TARGET_BEGIN(EGG_AVX2)

enum {
    tile_outputs = 16,  // outputs of a panel
};

static inline int32_t avx2_panels(int32_t outputs) {
    return (outputs + tile_outputs - 1) / tile_outputs;
}

typedef struct {
    __m256i low, high;  // the two vectors of a panel
} avx2_sums;

/// Four factors as a vector lane of 32 bits holds them.
typedef int32_t __attribute__((may_alias)) avx2_factors;

/// A row's factors through a pointer of its own: the compiler must not see that the rows lie a
/// constant stride apart, or it fills the loop of the tile with address arithmetic.
static inline const avx2_factors *avx2_row_pointer(const void *row) {
    __asm__("" : "+r"(row));
    return row;
}

/// 16 Int8 as Int16.
static inline __m256i avx2_load_wide(const int8_t *from) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from));
}

static inline int32_t avx2_horizontal_sum(__m256i v) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
}

EGG_TARGET_END

#endif
