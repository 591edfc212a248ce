// The NEON kernel for every aarch64: products of Int8 in Int16, two of them summed, then Int32. Two
// products of |.| <= 127² fit Int16, so that the sums are exact.
#if defined(__aarch64__)
#include "neon_epilogue.h"

#define NEON_NAME(x) neon_baseline_##x
#define NEON_GROUP 16
#define NEON_ACCUMULATED 16

// A left matrix is rows of inputs as they are: a product reads x in place.

static inline int8_t *neon_baseline_left_block(int8_t *left, ptrdiff_t stride, int32_t row,
                                               int32_t block) {
    return left + row * stride + 8 * block;
}

static size_t neon_baseline_left_bytes(int32_t rows, int32_t inputs) {
    (void)rows, (void)inputs;
    return 0;
}

static neon_left neon_baseline_left_of_rows(const egg_product *p, int32_t rows, int8_t *scratch) {
    (void)rows, (void)scratch;
    return (neon_left){p->x, p->x_stride};
}

/// The sum of each of four vectors.
static inline int32x4_t neon_baseline_across(const int32x4_t v[4]) {
    return vpaddq_s32(vpaddq_s32(v[0], v[1]), vpaddq_s32(v[2], v[3]));
}

/// Sums of 4 outputs for at most 4 rows: 16 accumulators of partial sums, a row, 4 outputs and
/// products, 25 registers.
static inline __attribute__((always_inline)) void neon_baseline_quarter(
    int rows, const int8_t *left, ptrdiff_t stride, int32_t steps, const int8_t *panel,
    int32x4_t *sums) {
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
    for (int r = 0; r < rows; r++) sums[r] = neon_baseline_across(partial[r]);
}

static inline __attribute__((always_inline)) void neon_baseline_tile(int rows, const int8_t *left,
                                                                     ptrdiff_t stride,
                                                                     int32_t steps,
                                                                     const int8_t *panel,
                                                                     neon_sums *sums) {
    for (int first = 0; first < rows; first += 4) {
        int count = rows - first < 4 ? rows - first : 4;
        int32x4_t low[4], high[4];
        const int8_t *x = left + first * stride;
        neon_baseline_quarter(count, x, stride, steps, panel, low);
        neon_baseline_quarter(count, x, stride, steps, panel + 64, high);
        for (int r = 0; r < count; r++) sums[first + r] = (neon_sums){low[r], high[r]};
    }
}

/// The instructions of the kernel, for the roofline: 16 products.
static inline int32x4_t NEON_NAME(accumulate)(int32x4_t sum, int8x16_t x, int8x16_t w) {
    int16x8_t products = vmull_s8(vget_low_s8(x), vget_low_s8(w));
    return vpadalq_s16(sum, vmlal_high_s8(products, x, w));
}

#include "neon_matrix.h"

#define EGG_NAME(x) neon_baseline_##x
#include "../portable/activation.h"
#include "../portable/softmax.h"

const egg_kernel egg_neon_kernel = {
    .name = "neon",
    .block_rows = 64,
    NEON_MATRIX_FUNCTIONS,
    NEON_SHARED_FUNCTIONS,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = EGG_NAME(softmax_error),
};
#endif
