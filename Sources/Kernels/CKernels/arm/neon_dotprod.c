// The NEON kernel with dotprod: sdot multiplies 4 inputs of a row with 4 outputs. Int8 products
// summed in Int32 are exact.
#if defined(__aarch64__)
#include "neon_epilogue.h"

EGG_TARGET_BEGIN("dotprod")

#define EGG_UNIT neon_dotprod
#define NEON_GROUP 4
#define NEON_ACCUMULATED 16

#include "neon_left_in_place.h"

/// 8 rows of 2 accumulators, 8 vectors of 16 inputs and the weights of 4 inputs: 26 registers.
EGG_INLINE void EGG_NAME(tile)(int rows, const int8_t *left, ptrdiff_t stride, int32_t steps,
                               const int8_t *panel, neon_sums *sums) {
    for (int r = 0; r < rows; r++) sums[r].low = sums[r].high = vdupq_n_s32(0);
    for (ptrdiff_t k = 0; k < steps; k++) {
        int8x16_t x[8];
        for (int r = 0; r < rows; r++) x[r] = vld1q_s8(left + r * stride + 16 * k);
        const int8_t *weights = panel + 128 * k;
// The lane is an immediate of the instruction.
#define NEON_LANE(lane)                                                      \
    do {                                                                     \
        int8x16_t low = vld1q_s8(weights + 32 * (lane));                     \
        int8x16_t high = vld1q_s8(weights + 32 * (lane) + 16);               \
        for (int r = 0; r < rows; r++) {                                     \
            sums[r].low = vdotq_laneq_s32(sums[r].low, low, x[r], lane);     \
            sums[r].high = vdotq_laneq_s32(sums[r].high, high, x[r], lane);  \
        }                                                                    \
    } while (0)
        NEON_LANE(0);
        NEON_LANE(1);
        NEON_LANE(2);
        NEON_LANE(3);
#undef NEON_LANE
    }
}

/// The instruction of the kernel, for the roofline: 16 products.
static inline int32x4_t EGG_NAME(accumulate)(int32x4_t sum, int8x16_t x, int8x16_t w) {
    return vdotq_s32(sum, x, w);
}

#include "neon_matrix.h"
#include "../portable/loops.h"

const egg_kernel egg_neon_dotprod_kernel = {
    .name = "neon-dotprod",
    .block_rows = 64,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    NEON_FUNCTIONS(EGG_MEMBER)
    NEON_MATRIX_FUNCTIONS(EGG_MEMBER)
};

EGG_TARGET_END
#endif
