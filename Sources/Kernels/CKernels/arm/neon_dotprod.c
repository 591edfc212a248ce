// The NEON kernel with dotprod: sdot multiplies 4 inputs of a row with 4 outputs. Int8 products
// summed in Int32 are exact.
#if defined(__aarch64__)
#include "neon_epilogue.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define NEON_NAME(x) neon_dotprod_##x
#define NEON_GROUP 4
#define NEON_ACCUMULATED 16

// A left matrix is rows of inputs as they are: a product reads x in place.

static inline int8_t *neon_dotprod_left_block(int8_t *left, ptrdiff_t stride, int32_t row,
                                              int32_t block) {
    return left + row * stride + 8 * block;
}

static size_t neon_dotprod_left_bytes(int32_t rows, int32_t inputs) {
    (void)rows, (void)inputs;
    return 0;
}

static neon_left neon_dotprod_left_of_rows(const egg_product *p, int32_t rows, int8_t *scratch) {
    (void)rows, (void)scratch;
    return (neon_left){p->x, p->x_stride};
}

/// 8 rows of 2 accumulators, 8 vectors of 16 inputs and the weights of 4 inputs: 26 registers.
static inline __attribute__((always_inline)) void neon_dotprod_tile(int rows, const int8_t *left,
                                                                    ptrdiff_t stride, int32_t steps,
                                                                    const int8_t *panel,
                                                                    neon_sums *sums) {
    for (int r = 0; r < rows; r++) sums[r].low = sums[r].high = vdupq_n_s32(0);
    for (ptrdiff_t k = 0; k < steps; k++) {
        int8x16_t x[8];
        for (int r = 0; r < rows; r++) x[r] = vld1q_s8(left + r * stride + 16 * k);
        const int8_t *weights = panel + 128 * k;
// The lane is an immediate of the instruction.
#define NEON_LANE(lane)                                                   \
    do {                                                                  \
        int8x16_t low = vld1q_s8(weights + 32 * (lane));                  \
        int8x16_t high = vld1q_s8(weights + 32 * (lane) + 16);            \
        for (int r = 0; r < rows; r++) {                                  \
            sums[r].low = vdotq_laneq_s32(sums[r].low, low, x[r], lane);  \
            sums[r].high = vdotq_laneq_s32(sums[r].high, high, x[r], lane); \
        }                                                                 \
    } while (0)
        NEON_LANE(0);
        NEON_LANE(1);
        NEON_LANE(2);
        NEON_LANE(3);
#undef NEON_LANE
    }
}

/// The instruction of the kernel, for the roofline: 16 products.
static inline int32x4_t NEON_NAME(accumulate)(int32x4_t sum, int8x16_t x, int8x16_t w) {
    return vdotq_s32(sum, x, w);
}

#include "neon_matrix.h"

#define EGG_NAME(x) neon_dotprod_##x
#include "../portable/activation.h"
#include "../portable/softmax.h"

const egg_kernel egg_neon_dotprod_kernel = {
    .name = "neon-dotprod",
    .block_rows = 64,
    NEON_MATRIX_FUNCTIONS,
    NEON_SHARED_FUNCTIONS,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = EGG_NAME(softmax_error),
};

#pragma clang attribute pop
#endif
