// The votes of the AVX2 kernel: an Int8 product over pairs, by vpmaddwd of Int16, which cannot saturate.
#if defined(__x86_64__)
#include <stdbool.h>

#include "avx2.h"

EGG_TARGET_BEGIN(EGG_AVX2)

// MARK: factors

enum {
    tile_rows = 6,  // rows of a register tile: 6 × 2 accumulators, 2 weights, 1 broadcast
};

static inline int32_t avx2_input_pairs(int32_t inputs) { return (inputs + 1) / 2; }

/// Panels of 16 outputs: [panel][input pair][16][2] Int16. The first vector of an input pair holds
/// outputs 0-3 and 8-11, the second 4-7 and 12-15, so that packing two Int32 vectors to Int16
/// restores the order.
static inline size_t avx2_right_bytes(int32_t outputs, int32_t inputs) {
    return (size_t)avx2_panels(outputs) * (size_t)avx2_input_pairs(inputs) * 64;
}

/// Left factors [pair / 2][EGG_VOTE_ROWS][2], then right factors as a packed matrix of
/// EGG_VOTE_PAIRS inputs.
size_t avx2_vote_scratch(int32_t columns) {
    return EGG_VOTE_PAIRS * EGG_VOTE_ROWS * sizeof(int16_t) +
           avx2_right_bytes(columns, EGG_VOTE_PAIRS);
}

/// clip((a·fitness + half) >> shift) of 16 elements, widened.
static inline __m256i avx2_scaled(const int8_t *a, int16_t fitness, int16_t half, __m128i shift) {
    // |a·fitness| + half <= 127² + 64 fits Int16.
    __m256i scaled = _mm256_add_epi16(
        _mm256_mullo_epi16(avx2_load_wide(a), _mm256_set1_epi16(fitness)), _mm256_set1_epi16(half));
    scaled = _mm256_sra_epi16(scaled, shift);
    scaled = _mm256_min_epi16(scaled, _mm256_set1_epi16(127));
    return _mm256_max_epi16(scaled, _mm256_set1_epi16(-127));
}

/// Interleaves two rows of 16 Int16; the halves come in the order of a panel's two vectors.
static inline void avx2_store_interleaved(__m256i even, __m256i odd, int16_t *low, int16_t *high) {
    _mm256_storeu_si256((__m256i *)low, _mm256_unpacklo_epi16(even, odd));
    _mm256_storeu_si256((__m256i *)high, _mm256_unpackhi_epi16(even, odd));
}

/// Whether scaling leaves every factor as it is.
static bool avx2_is_unscaled(int32_t pairs, const int8_t *fitness, int32_t shift) {
    for (int32_t pair = 0; pair < pairs; pair++)
        if (fitness[pair] != 1) return false;
    return shift == 0;
}

EGG_INLINE void avx2_pack_left(int32_t pairs, int32_t rows, egg_const_rows a, const int8_t *fitness,
                               int32_t shift, bool unscaled, int16_t *left) {
    int16_t half = (int16_t)(shift > 0 ? 1 << (shift - 1) : 0);
    __m128i by = _mm_cvtsi32_si128(shift);
    for (int32_t pair = 0; pair < pairs; pair += 2) {
        const int8_t *first = a.data + pair * a.stride;
        int16_t *out = left + (ptrdiff_t)pair / 2 * EGG_VOTE_ROWS * 2;
        for (int32_t i = 0; i < rows; i += 16) {
            __m256i even = unscaled ? avx2_load_wide(first + i)
                                    : avx2_scaled(first + i, fitness[pair], half, by);
            __m256i odd = _mm256_setzero_si256();
            if (pair + 1 < pairs)
                odd = unscaled ? avx2_load_wide(first + a.stride + i)
                               : avx2_scaled(first + a.stride + i, fitness[pair + 1], half, by);
            __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
            _mm256_storeu_si256((__m256i *)(out + 2 * i),
                                _mm256_permute2x128_si256(low, high, 0x20));
            _mm256_storeu_si256((__m256i *)(out + 2 * i + 16),
                                _mm256_permute2x128_si256(low, high, 0x31));
        }
    }
}

static void avx2_pack_right(int32_t pairs, int32_t columns, egg_const_rows b, int16_t *right) {
    int32_t input_pairs = avx2_input_pairs(pairs);
    for (int32_t panel = 0; panel < avx2_panels(columns); panel++) {
        const int8_t *from = b.data + panel * tile_outputs;
        int16_t *out = right + (ptrdiff_t)panel * input_pairs * 32;
        for (int32_t pair = 0; pair < pairs; pair += 2, from += 2 * b.stride, out += 32) {
            __m256i even = avx2_load_wide(from);
            __m256i odd =
                pair + 1 < pairs ? avx2_load_wide(from + b.stride) : _mm256_setzero_si256();
            avx2_store_interleaved(even, odd, out, out + 16);
        }
    }
}

// MARK: register tile

/// sums[r] += Σ_k x[r][k·step] ⊗ panel[k] over pairs of inputs. Not unrolled: that would take more
/// registers than there are.
EGG_INLINE void avx2_tile(int rows, int32_t input_pairs, const avx2_factors *const *x,
                          ptrdiff_t step, const int16_t *panel, avx2_sums *sums) {
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

/// Adds a tile's sums to rows of e, in the order of the columns.
static inline void avx2_add_votes(avx2_sums sums, int32_t columns, int32_t *e) {
    __m256i first = _mm256_permute2x128_si256(sums.low, sums.high, 0x20);
    __m256i second = _mm256_permute2x128_si256(sums.low, sums.high, 0x31);
    if (columns >= tile_outputs) {
        __m256i *out = (__m256i *)e;
        _mm256_storeu_si256(out, _mm256_add_epi32(_mm256_loadu_si256(out), first));
        _mm256_storeu_si256(out + 1, _mm256_add_epi32(_mm256_loadu_si256(out + 1), second));
        return;
    }
    int32_t values[tile_outputs];
    _mm256_storeu_si256((__m256i *)values, first);
    _mm256_storeu_si256((__m256i *)(values + 8), second);
    for (int32_t j = 0; j < columns; j++) e[j] += values[j];
}

EGG_INLINE void avx2_vote_tile(int count, int32_t input_pairs, const int16_t *left,
                               const int16_t *panel, int32_t columns, int32_t *e,
                               ptrdiff_t e_stride) {
    avx2_sums sums[tile_rows];
    const avx2_factors *x[tile_rows];
    for (int r = 0; r < count; r++) {
        sums[r].low = sums[r].high = _mm256_setzero_si256();
        x[r] = avx2_row_pointer(left + 2 * r);
    }
    avx2_tile(count, input_pairs, x, EGG_VOTE_ROWS, panel, sums);
    for (int r = 0; r < count; r++) avx2_add_votes(sums[r], columns, e + r * e_stride);
}

void avx2_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                 egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                 ptrdiff_t e_stride, void *scratch) {
    int16_t *left = scratch;
    int16_t *right = left + EGG_VOTE_PAIRS * EGG_VOTE_ROWS;
    int32_t input_pairs = avx2_input_pairs(pairs);
    if (avx2_is_unscaled(pairs, fitness, shift))
        avx2_pack_left(pairs, rows, a, fitness, shift, true, left);
    else
        avx2_pack_left(pairs, rows, a, fitness, shift, false, left);
    avx2_pack_right(pairs, columns, b, right);
    for (int32_t panel = 0; panel < avx2_panels(columns); panel++) {
        const int16_t *weights = right + (ptrdiff_t)panel * input_pairs * 32;
        int32_t *out = e + panel * tile_outputs;
        int32_t width = columns - panel * tile_outputs;
        int32_t row = 0;
        for (; row + tile_rows <= rows; row += tile_rows)
            avx2_vote_tile(tile_rows, input_pairs, left + 2 * row, weights, width,
                           out + row * e_stride, e_stride);
        for (; row + 2 <= rows; row += 2)
            avx2_vote_tile(2, input_pairs, left + 2 * row, weights, width, out + row * e_stride,
                           e_stride);
        if (row < rows)
            avx2_vote_tile(1, input_pairs, left + 2 * row, weights, width, out + row * e_stride,
                           e_stride);
    }
}

EGG_TARGET_END
#endif
