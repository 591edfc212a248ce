// The NEON kernel for every aarch64: products of Int8 in Int16, two of them summed, then Int32. Two
// products of |.| <= 127² fit Int16, so that the sums are exact.
#if defined(__aarch64__)
#include "neon_epilogue.h"

#define EGG_UNIT neon_baseline
#define NEON_GROUP 16
#define NEON_ACCUMULATED 16

#include "neon_left_in_place.h"

/// The sum of each of four vectors.
static inline int32x4_t EGG_NAME(across)(const int32x4_t v[4]) {
    return vpaddq_s32(vpaddq_s32(v[0], v[1]), vpaddq_s32(v[2], v[3]));
}

/// Sums of 4 outputs for at most 4 rows: 16 accumulators of partial sums, a row, 4 outputs and
/// products, 25 registers.
EGG_INLINE void EGG_NAME(quarter)(int rows, const int8_t *left, ptrdiff_t stride, int32_t steps,
                                  const int8_t *panel, int32x4_t *sums) {
    int32x4_t partial[4][4];
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < 4; o++) partial[r][o] = vdupq_n_s32(0);
    for (ptrdiff_t k = 0; k < steps; k++) {
        int8x16_t weights[4];
        for (int o = 0; o < 4; o++) weights[o] = vld1q_s8(panel + 128 * k + 16 * o);
        for (int r = 0; r < rows; r++) {
            int8x16_t x = vld1q_s8(left + r * stride + 16 * k);
            for (int o = 0; o < 4; o++) {
                int16x8_t products = vmull_s8(vget_low_s8(x), vget_low_s8(weights[o]));
                products = vmlal_high_s8(products, x, weights[o]);
                partial[r][o] = vpadalq_s16(partial[r][o], products);
            }
        }
    }
    for (int r = 0; r < rows; r++) sums[r] = EGG_NAME(across)(partial[r]);
}

EGG_INLINE void EGG_NAME(tile)(int rows, const int8_t *left, ptrdiff_t stride, int32_t steps,
                               const int8_t *panel, neon_sums *sums) {
    for (int first = 0; first < rows; first += 4) {
        int count = rows - first < 4 ? rows - first : 4;
        int32x4_t low[4], high[4];
        const int8_t *x = left + first * stride;
        EGG_NAME(quarter)(count, x, stride, steps, panel, low);
        EGG_NAME(quarter)(count, x, stride, steps, panel + 64, high);
        for (int r = 0; r < count; r++) sums[first + r] = (neon_sums){low[r], high[r]};
    }
}

/// The instructions of the kernel, for the roofline: 16 products.
static inline int32x4_t EGG_NAME(accumulate)(int32x4_t sum, int8x16_t x, int8x16_t w) {
    int16x8_t products = vmull_s8(vget_low_s8(x), vget_low_s8(w));
    return vpadalq_s16(sum, vmlal_high_s8(products, x, w));
}

#include "neon_matrix.h"
#include "../portable/loops.h"

const egg_kernel egg_neon_kernel = {
    .name = "neon",
    .block_rows = 64,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    NEON_FUNCTIONS(EGG_MEMBER)
    NEON_MATRIX_FUNCTIONS(EGG_MEMBER)
};
#endif
