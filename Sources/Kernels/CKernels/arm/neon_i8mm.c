// The NEON kernel with i8mm: smmla multiplies two rows of 8 inputs with two outputs of 8. Int8
// products summed in Int32 are exact.
#if defined(__aarch64__)
#include "neon_epilogue.h"

EGG_TARGET_BEGIN("i8mm")

#define EGG_UNIT neon_i8mm
#define NEON_GROUP 8
#define NEON_ACCUMULATED 32

// A left matrix holds pairs of rows, [rows / 2][inputs / 8][2][8].

static inline int8_t *EGG_NAME(left_block)(int8_t *left, ptrdiff_t stride, int32_t row,
                                           int32_t block) {
    return left + row / 2 * 2 * stride + 16 * block + 8 * (row % 2);
}

static size_t EGG_NAME(left_bytes)(int32_t rows, int32_t inputs) {
    return (size_t)(rows + rows % 2) * (size_t)neon_steps(inputs) * 16;
}

static neon_left EGG_NAME(left_of_rows)(const egg_product *p, int32_t rows, int8_t *scratch) {
    int32_t steps = neon_steps(p->inputs);
    ptrdiff_t stride = 16 * steps;
    for (int32_t row = 0; row < rows; row += 2) {
        const int8_t *first = p->x + row * p->x_stride;
        const int8_t *second = row + 1 < rows ? first + p->x_stride : first;
        int8_t *out = scratch + row * stride;
        for (int32_t k = 0; k < steps; k++) {
            int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(first + 16 * k));
            int64x2_t b = vreinterpretq_s64_s8(vld1q_s8(second + 16 * k));
            vst1q_s8(out + 32 * k, vreinterpretq_s8_s64(vzip1q_s64(a, b)));
            vst1q_s8(out + 32 * k + 16, vreinterpretq_s8_s64(vzip2q_s64(a, b)));
        }
    }
    return (neon_left){scratch, stride};
}

/// 4 × 4 accumulators of 2 × 2 sums, 4 row pairs and 4 pairs of outputs: 24 registers.
EGG_INLINE void EGG_NAME(tile)(int rows, const int8_t *left, ptrdiff_t stride, int32_t steps,
                               const int8_t *panel, neon_sums *sums) {
    int row_pairs = (rows + 1) / 2;
    int32x4_t squares[4][4];
    for (int r = 0; r < row_pairs; r++)
        for (int o = 0; o < 4; o++) squares[r][o] = vdupq_n_s32(0);
    for (ptrdiff_t k = 0; k < 2 * steps; k++) {
        int8x16_t weights[4];
        for (int o = 0; o < 4; o++) weights[o] = vld1q_s8(panel + 64 * k + 16 * o);
        for (int r = 0; r < row_pairs; r++) {
            int8x16_t x = vld1q_s8(left + 2 * r * stride + 16 * k);
            for (int o = 0; o < 4; o++) squares[r][o] = vmmlaq_s32(squares[r][o], x, weights[o]);
        }
    }
    for (int r = 0; r < rows; r++) {
        int64x2_t s[4];
        for (int o = 0; o < 4; o++) s[o] = vreinterpretq_s64_s32(squares[r / 2][o]);
        int64x2_t low = r % 2 ? vzip2q_s64(s[0], s[1]) : vzip1q_s64(s[0], s[1]);
        int64x2_t high = r % 2 ? vzip2q_s64(s[2], s[3]) : vzip1q_s64(s[2], s[3]);
        sums[r] = (neon_sums){vreinterpretq_s32_s64(low), vreinterpretq_s32_s64(high)};
    }
}

/// The instruction of the kernel, for the roofline: 32 products.
static inline int32x4_t EGG_NAME(accumulate)(int32x4_t sum, int8x16_t x, int8x16_t w) {
    return vmmlaq_s32(sum, x, w);
}

#include "neon_matrix.h"
#include "../portable/loops.h"

const egg_kernel egg_neon_i8mm_kernel = {
    .name = "neon-i8mm",
    .block_rows = 64,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
    NEON_FUNCTIONS(EGG_MEMBER)
    NEON_MATRIX_FUNCTIONS(EGG_MEMBER)
};

EGG_TARGET_END
#endif
