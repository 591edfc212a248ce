// What the files of the AVX2 kernel share: the packed layout and the register tile. Int16 products by
// vpmaddwd are exact; no saturation can occur.
#ifndef EGG_AVX2_H
#define EGG_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "egg_kernels.h"
#include "rows.h"

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
void avx2_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out);
size_t avx2_vote_scratch(int32_t columns);
void avx2_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
                const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
                void *scratch);

// MARK: packed layout

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)

enum {
    tile_rows = 6,      // rows of a register tile: 6 × 2 accumulators, 2 weights, 1 broadcast
    tile_outputs = 16,  // outputs of a panel
};

static inline int32_t avx2_panels(int32_t outputs) {
    return (outputs + tile_outputs - 1) / tile_outputs;
}

static inline int32_t avx2_input_pairs(int32_t inputs) { return (inputs + 1) / 2; }

/// Panels of 16 outputs: [panel][input pair][16][2] Int16. The first vector of an input pair holds
/// outputs 0-3 and 8-11, the second 4-7 and 12-15, so that packing two Int32 vectors to Int16
/// restores the order.
static inline size_t avx2_packed_bytes(int32_t outputs, int32_t inputs) {
    return (size_t)avx2_panels(outputs) * (size_t)avx2_input_pairs(inputs) * 64;
}

// MARK: register tile

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

/// sums[r] += Σ_k x[r][k·step] ⊗ panel[k] over pairs of inputs. Not unrolled: that would take more
/// registers than there are.
static inline __attribute__((always_inline)) void avx2_tile(int rows, int32_t input_pairs,
                                                            const avx2_factors *const *x,
                                                            ptrdiff_t step, const int16_t *panel,
                                                            avx2_sums *sums) {
#pragma clang loop unroll(disable)
    for (ptrdiff_t k = 0; k < input_pairs; k++) {
        __m256i low = _mm256_load_si256((const __m256i *)(panel + 32 * k));
        __m256i high = _mm256_load_si256((const __m256i *)(panel + 32 * k + 16));
        for (int r = 0; r < rows; r++) {
            __m256i broadcast = _mm256_set1_epi32(x[r][k * step]);
            sums[r].low = _mm256_add_epi32(sums[r].low, _mm256_madd_epi16(broadcast, low));
            sums[r].high = _mm256_add_epi32(sums[r].high, _mm256_madd_epi16(broadcast, high));
        }
    }
}

static inline int32_t avx2_horizontal_sum(__m256i v) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
}

#pragma clang attribute pop

#endif
