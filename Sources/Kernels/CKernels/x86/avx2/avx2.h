// What the files of the AVX2 kernel share.
#ifndef EGG_AVX2_H
#define EGG_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "egg_kernels.h"
#include "../../portable/rows.h"

// MARK: functions of the table, a file each

size_t avx2_packed_size(int32_t outputs, int32_t inputs);
size_t avx2_product_scratch(int32_t rows, int32_t inputs);
void avx2_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed);
void avx2_product(const egg_product *p, egg_rows rows, void *scratch);
void avx2_normalize(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                    egg_out_rows out);
void avx2_update_state(int32_t rows, int32_t width, egg_const_rows from_input,
                       egg_const_rows from_state, egg_const_rows bias, const int8_t *table,
                       egg_const_rows f, egg_out_rows state, egg_out_rows x);
void avx2_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                         const uint8_t *targets, ptrdiff_t target_stride,
                         const egg_loss_tables *tables, int32_t *scores);
void avx2_softmax_error(int32_t pairs, int32_t vocabulary, egg_const_rows logits,
                        const uint8_t *targets, const uint8_t *dither, egg_out_rows out);
void avx2_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out);
size_t avx2_vote_scratch(int32_t columns);
void avx2_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
                const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
                void *scratch);

// MARK: panels and sums

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)

enum {
    tile_outputs = 16,  // outputs of a panel
};

static inline int32_t avx2_panels(int32_t outputs) {
    return (outputs + tile_outputs - 1) / tile_outputs;
}

typedef struct {
    __m256i low, high;  // the two vectors of a panel
} avx2_sums;

/// Two Int16 factors as a vector lane holds them.
typedef int32_t __attribute__((may_alias)) avx2_factors;

/// A row's factors through a pointer of its own: the compiler must not see that the rows lie a
/// constant stride apart, or it fills the loop of the tile with address arithmetic.
static inline const avx2_factors *avx2_row_pointer(const void *row) {
    __asm__("" : "+r"(row));
    return row;
}

static inline int32_t avx2_horizontal_sum(__m256i v) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
}

#pragma clang attribute pop

#endif
