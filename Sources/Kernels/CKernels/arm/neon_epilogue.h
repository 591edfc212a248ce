// The layout of panels and the end of a product, the same for all NEON kernels.
#ifndef EGG_NEON_EPILOGUE_H
#define EGG_NEON_EPILOGUE_H

#include "neon.h"

// MARK: layout

/// Sums of a row for the 8 outputs of a panel.
typedef struct {
    int32x4_t low, high;
} neon_sums;

/// The left matrix of a product: see neon_matrix.h.
typedef struct {
    const int8_t *data;
    ptrdiff_t stride;
} neon_left;

static inline int32_t neon_panels(int32_t outputs) { return (outputs + 7) / 8; }

/// Steps of 16 inputs.
static inline int32_t neon_steps(int32_t inputs) { return (inputs + 15) / 16; }

static inline size_t neon_panel_bytes(int32_t inputs) { return (size_t)neon_steps(inputs) * 128; }

/// Bytes of x·B_k of each row, so that what follows is aligned.
static inline size_t neon_along_bytes(int32_t rows) {
    return (size_t)rows * EGG_MAX_RANK * sizeof(int32_t);
}

/// Columns of 8 rows of 8 bytes: vector j holds columns 2j and 2j + 1.
static inline int8x16x4_t neon_transpose(const int8x8_t rows[8]) {
    int8x16_t even[2], odd[2];
    int8x16_t zipped[4];
    for (int i = 0; i < 4; i++)
        zipped[i] = vzip1q_s8(vcombine_s8(rows[i], rows[i]), vcombine_s8(rows[i + 4], rows[i + 4]));
    even[0] = vzip1q_s8(zipped[0], zipped[2]), even[1] = vzip2q_s8(zipped[0], zipped[2]);
    odd[0] = vzip1q_s8(zipped[1], zipped[3]), odd[1] = vzip2q_s8(zipped[1], zipped[3]);
    return (int8x16x4_t){{vzip1q_s8(even[0], odd[0]), vzip2q_s8(even[0], odd[0]),
                          vzip1q_s8(even[1], odd[1]), vzip2q_s8(even[1], odd[1])}};
}

/// Stores block `block` of 8 inputs (rows) of 8 outputs (columns) in a panel of that group.
EGG_INLINE void neon_store_panel_block(const int8x8_t rows[8], int group, int32_t block,
                                       int8_t *panel) {
    if (group == 4) {
        vst4_s8(panel + 64 * block, ((int8x8x4_t){{rows[0], rows[1], rows[2], rows[3]}}));
        vst4_s8(panel + 64 * block + 32, ((int8x8x4_t){{rows[4], rows[5], rows[6], rows[7]}}));
        return;
    }
    int8x16x4_t columns = neon_transpose(rows);
    int8_t *out = group == 8 ? panel + 64 * block : panel + 128 * (block / 2) + 8 * (block % 2);
    for (int j = 0; j < 4; j++) {
        vst1_s8(out + 2 * j * group, vget_low_s8(columns.val[j]));
        vst1_s8(out + (2 * j + 1) * group, vget_high_s8(columns.val[j]));
    }
}

// MARK: epilogue

/// x·B_k of every row, with the row's sign. [rows][rank]
static inline void neon_dot_rows(const egg_product *p, egg_rows rows, int32_t *along_b) {
    int32_t padded = egg_padded(p->inputs);
    for (int32_t row = 0; row < rows.count; row++) {
        const int8_t *b = p->noise.b + rows.pair[row] * p->noise.rank * p->noise.b_stride;
        for (int32_t k = 0; k < p->noise.rank; k++, b += p->noise.b_stride)
            *along_b++ = rows.sign[row] * neon_dot(padded, p->x + row * p->x_stride, b);
    }
}

/// What the end of a product needs, made once a call.
typedef struct {
    neon_divisor divisor;
    int32x4_t shift;  // of x·B·A, negative
    int wide;         // x·B·A passes Int32
    int32_t rank;
    ptrdiff_t a_stride;
} neon_epilogue;

static inline neon_epilogue neon_make_epilogue(const egg_product *p) {
    return (neon_epilogue){
        .divisor = neon_make_divisor(p->root),
        .shift = vdupq_n_s32(-p->noise.shift),
        .wide = (int64_t)p->inputs * 127 * 127 * 127 > INT32_MAX,
        .rank = p->noise.rank,
        .a_stride = p->noise.a_stride,
    };
}

/// (alongB·a) >> shift of 4 outputs. Where the product passes Int32, alongB is split into
/// alongB >> 6 and its low 6 bits, which is exact as shift >= 6.
static inline int32x4_t neon_rank_one(int32x4_t a, int32_t along_b, const neon_epilogue *e) {
    if (!e->wide) return vshlq_s32(vmulq_n_s32(a, along_b), e->shift);
    int32x4_t low = vmulq_n_s32(a, along_b & 63), high = vmulq_n_s32(a, along_b >> 6);
    int32x4_t sum = vsraq_n_s32(high, low, 6);
    return vshlq_s32(sum, vaddq_s32(e->shift, vdupq_n_s32(6)));
}

/// (Σ_k alongB_k·a_k) >> shift of 8 outputs, each sum as 64 times a sum of upper parts and one of low bits.
static inline neon_sums neon_rank_many(const int8_t *a, const int32_t *along_b,
                                       const neon_epilogue *e) {
    int32x4_t upper[2] = {vdupq_n_s32(0), vdupq_n_s32(0)}, low[2] = {upper[0], upper[0]};
    for (int32_t k = 0; k < e->rank; k++, a += e->a_stride) {
        int16x8_t wide = vmovl_s8(vld1_s8(a));
        int32x4_t parts[2] = {vmovl_s16(vget_low_s16(wide)), vmovl_high_s16(wide)};
        for (int i = 0; i < 2; i++) {
            upper[i] = vmlaq_n_s32(upper[i], parts[i], along_b[k] >> 6);
            low[i] = vmlaq_n_s32(low[i], parts[i], along_b[k] & 63);
        }
    }
    int32x4_t shift = vaddq_s32(e->shift, vdupq_n_s32(6));
    return (neon_sums){vshlq_s32(vsraq_n_s32(upper[0], low[0], 6), shift),
                       vshlq_s32(vsraq_n_s32(upper[1], low[1], 6), shift)};
}

/// Perturbation, shift, floor division, clip and narrowing of 8 sums.
static inline int8x8_t neon_finish(neon_sums sums, const int8_t *a, const int32_t *along_b,
                                   const neon_epilogue *e) {
    if (a != NULL && e->rank > 1) {
        neon_sums change = neon_rank_many(a, along_b, e);
        sums.low = vaddq_s32(sums.low, change.low);
        sums.high = vaddq_s32(sums.high, change.high);
    } else if (a != NULL) {
        int16x8_t wide = vmovl_s8(vld1_s8(a));
        int32x4_t low = vmovl_s16(vget_low_s16(wide)), high = vmovl_high_s16(wide);
        sums.low = vaddq_s32(sums.low, neon_rank_one(low, *along_b, e));
        sums.high = vaddq_s32(sums.high, neon_rank_one(high, *along_b, e));
    }
    // Saturation to Int16 changes no quotient that is not clipped.
    int16x8_t sixteenths = vqshrn_high_n_s32(vqshrn_n_s32(sums.low, 4), sums.high, 4);
    return vmovn_s16(neon_floor_divide(sixteenths, e->divisor));
}

#endif
