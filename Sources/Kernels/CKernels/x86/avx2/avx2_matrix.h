// The packed matrix of the AVX2 kernel: what vpmaddubsw needs for exact products of Int8.
//
// vpmaddubsw multiplies unsigned by signed bytes and adds neighbours into saturating Int16. Inputs
// are moved up by 127 into 0...254; a matrix is cut so that nothing can saturate, whatever the inputs:
//   1. In a step (four inputs of each output, two a lane) the positive weights of a lane sum to at
//      most 129, and so do the negative ones: 254·129 = 32766.
//   2. In a group of steps the magnitudes of a lane's weights sum to at most 258. Its Int16 sums begin
//      at the correction -127·Σw, so they end at Σx·w, |Σx·w| <= 127·258 = 32766; what wraps on the
//      way unwraps.
// A step that breaks 1 becomes two, w = (w - w/2) + w/2. At the end of a group vpmaddwd by ones adds the
// lanes into Int32. Weights of standard deviation 16 make groups of six steps or so: about 1.15
// multiplications for 32 multiply-accumulates, where Int16 factors need 2.
#ifndef EGG_AVX2_MATRIX_H
#define EGG_AVX2_MATRIX_H

#include "avx2.h"

enum {
    product_rows = 3,  // rows of a tile: 3 × 2 sums of Int16 and of Int32, 2 weights, 1 broadcast, ones
    step_inputs = 4,
    step_bytes = tile_outputs * step_inputs,
    input_offset = 127,       // moves an Int8 of at least -127 into UInt8
    max_step_magnitude = 258,  // |w|sum + |Σw| of a lane in a step: twice the 129 of 1.
    max_group_magnitude = 258,
};

/// Consecutive steps that are summed in Int16.
typedef struct {
    uint16_t first;  // step's number of its first four inputs
    uint16_t steps;
} avx2_group;

/// A panel of 16 outputs; offsets in bytes from the start of the packed matrix.
typedef struct {
    uint32_t groups, vectors;
    int32_t group_count;
} avx2_panel;

// In memory: avx2_panel[panels]; avx2_group[...]; for each group its correction and its steps, 64
// bytes each: two vectors, of the outputs 0-3, 8-11 and 4-7, 12-15.

/// Groups that a panel may need: each step may be split, and each may be a group of its own.
static inline size_t avx2_max_groups(int32_t inputs) {
    return 2 * (((size_t)inputs + step_inputs - 1) / step_inputs);
}

static inline size_t avx2_round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

static inline size_t avx2_groups_at(int32_t outputs) {
    return avx2_round_up((size_t)avx2_panels(outputs) * sizeof(avx2_panel));
}

static inline size_t avx2_vectors_at(int32_t outputs, int32_t inputs) {
    size_t groups = (size_t)avx2_panels(outputs) * avx2_max_groups(inputs);
    return avx2_groups_at(outputs) + avx2_round_up(groups * sizeof(avx2_group));
}

EGG_TARGET_BEGIN(EGG_AVX2)

/// sums[r] += unit·Σ x[r]·weights of the groups of a panel, x moved up by 127. Step k of a row lies k·stride words
/// behind its first.
EGG_INLINE void avx2_panel_sums(int rows, const avx2_group *group, int32_t groups,
                                const int8_t *vectors, const uint8_t *const *moved,
                                ptrdiff_t stride, int16_t unit, avx2_sums *sums) {
    const __m256i *w = (const __m256i *)vectors;
    __m256i units = _mm256_set1_epi16(unit);
    for (int32_t g = 0; g < groups; g++, group++) {
        avx2_sums lanes[product_rows];
        for (int r = 0; r < rows; r++) lanes[r] = (avx2_sums){w[0], w[1]};
        w += 2;
        const avx2_factors *x[product_rows];
        for (int r = 0; r < rows; r++)
            x[r] = (const avx2_factors *)avx2_row_pointer(moved[r]) + group->first * stride;
        ptrdiff_t steps = group->steps;
#pragma clang loop unroll(disable)
        for (ptrdiff_t k = 0; k < steps; k++) {
            __m256i low = w[2 * k], high = w[2 * k + 1];
            for (int r = 0; r < rows; r++) {
                __m256i four = _mm256_set1_epi32(x[r][k * stride]);
                lanes[r].low = _mm256_add_epi16(lanes[r].low, _mm256_maddubs_epi16(four, low));
                lanes[r].high = _mm256_add_epi16(lanes[r].high, _mm256_maddubs_epi16(four, high));
            }
        }
        w += 2 * steps;
        for (int r = 0; r < rows; r++) {
            sums[r].low = _mm256_add_epi32(sums[r].low, _mm256_madd_epi16(lanes[r].low, units));
            sums[r].high = _mm256_add_epi32(sums[r].high, _mm256_madd_epi16(lanes[r].high, units));
        }
    }
}

EGG_TARGET_END

#endif
