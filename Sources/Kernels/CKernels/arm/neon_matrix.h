// The matrix product and the votes of a NEON kernel, around its register tile. Everything here is
// static. Include with these defined:
//
//   EGG_UNIT                     the prefix of names
//   NEON_GROUP                   inputs of an output that lie together in a panel: 4, 8 or 16
//   EGG_NAME(tile)               sums of 8 outputs for `rows` (8, 4, 2 or 1) rows of a left matrix
//   EGG_NAME(left_block)         where 8 inputs of a row of a left matrix lie
//   EGG_NAME(left_bytes)         scratch for the left matrix of a product
//   EGG_NAME(left_of_rows)       the left matrix of a product's rows
//   EGG_NAME(accumulate)         the instruction of the kernel on whole registers, for the roofline
//   NEON_ACCUMULATED             products of an accumulate
//
// A left matrix is rows of Int8, `stride` bytes each, in the order that the tile reads.
#include "neon.h"

// MARK: packed weights

/// Panels of 8 outputs: [panel][inputs / group][8][group] Int8, inputs rounded up to 16.
static size_t EGG_NAME(packed_bytes)(int32_t outputs, int32_t inputs) {
    return (size_t)neon_panels(outputs) * neon_panel_bytes(inputs);
}

static void EGG_NAME(pack)(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    int32_t whole = inputs / NEON_GROUP, rest = inputs % NEON_GROUP;
    memset(packed, 0, EGG_NAME(packed_bytes)(outputs, inputs));
    for (int32_t o = 0; o < outputs; o++) {
        int8_t *panel = (int8_t *)packed + (size_t)(o / 8) * neon_panel_bytes(inputs);
        int8_t *slot = panel + o % 8 * NEON_GROUP;
        const int8_t *row = weights + (ptrdiff_t)o * inputs;
        for (int32_t k = 0; k < whole; k++)
            memcpy(slot + 8 * NEON_GROUP * k, row + NEON_GROUP * k, NEON_GROUP);
        memcpy(slot + 8 * NEON_GROUP * whole, row + NEON_GROUP * whole, (size_t)rest);
    }
}

// MARK: product

static size_t EGG_NAME(product_scratch)(int32_t rows, int32_t inputs) {
    return neon_along_bytes(rows) + EGG_NAME(left_bytes)(rows, inputs);
}

EGG_INLINE void EGG_NAME(product_tile)(int count, const egg_product *p, egg_rows rows,
                                       int32_t first_row, int32_t panel, neon_left left,
                                       const int32_t *along_b, const neon_epilogue *e) {
    neon_sums sums[8];
    const int8_t *weights = (const int8_t *)p->weights + panel * neon_panel_bytes(p->inputs);
    EGG_NAME(tile)(count, left.data + first_row * left.stride, left.stride, neon_steps(p->inputs),
                    weights, sums);
    for (int r = 0; r < count; r++) {
        int32_t row = first_row + r;
        const int8_t *a = p->noise.a == NULL
                              ? NULL
                              : p->noise.a + 8 * panel +
                                    rows.pair[row] * p->noise.rank * p->noise.a_stride;
        vst1_s8(p->out + row * p->out_stride + 8 * panel,
                neon_finish(sums[r], a, along_b + row * p->noise.rank, e));
    }
}

static void EGG_NAME(product)(const egg_product *p, egg_rows rows, void *scratch) {
    int32_t *along_b = scratch;
    neon_left left =
        EGG_NAME(left_of_rows)(p, rows.count, (int8_t *)scratch + neon_along_bytes(rows.count));
    if (p->noise.a != NULL) neon_dot_rows(p, rows, along_b);
    neon_epilogue e = neon_make_epilogue(p);
    for (int32_t panel = 0; panel < neon_panels(p->outputs); panel++) {
        int32_t row = 0;
        for (; row + 8 <= rows.count; row += 8)
            EGG_NAME(product_tile)(8, p, rows, row, panel, left, along_b, &e);
        if (rows.count & 4) {
            EGG_NAME(product_tile)(4, p, rows, row, panel, left, along_b, &e);
            row += 4;
        }
        if (rows.count & 2) {
            EGG_NAME(product_tile)(2, p, rows, row, panel, left, along_b, &e);
            row += 2;
        }
        if (rows.count & 1) EGG_NAME(product_tile)(1, p, rows, row, panel, left, along_b, &e);
    }
}

// MARK: votes

/// The scaled left factors as a left matrix [EGG_VOTE_ROWS][EGG_VOTE_PAIRS], then the right factors
/// as packed weights of EGG_VOTE_PAIRS inputs.
static size_t EGG_NAME(vote_scratch)(int32_t columns) {
    return EGG_VOTE_ROWS * EGG_VOTE_PAIRS + EGG_NAME(packed_bytes)(columns, EGG_VOTE_PAIRS);
}

/// Pairs up to the next multiple of 16 are zero.
static void EGG_NAME(pack_left)(int32_t pairs, int32_t rows, egg_const_rows a,
                                 const int8_t *fitness, int32_t shift, int8_t *left) {
    for (int32_t block = 0; block < 2 * neon_steps(pairs); block++) {
        for (int32_t i = 0; i < rows; i += 8) {
            int8x8_t factors[8];
            for (int k = 0; k < 8; k++) {
                int32_t pair = 8 * block + k;
                factors[k] = pair < pairs ? neon_scaled(vld1_s8(a.data + pair * a.stride + i),
                                                        fitness[pair], shift)
                                          : vdup_n_s8(0);
            }
            int8x16x4_t turned = neon_transpose(factors);
            for (int row = 0; row < 8; row += 2) {
                int8x16_t two = turned.val[row / 2];
                vst1_s8(EGG_NAME(left_block)(left, EGG_VOTE_PAIRS, i + row, block),
                        vget_low_s8(two));
                vst1_s8(EGG_NAME(left_block)(left, EGG_VOTE_PAIRS, i + row + 1, block),
                        vget_high_s8(two));
            }
        }
    }
}

static void EGG_NAME(pack_right)(int32_t pairs, int32_t columns, egg_const_rows b, int8_t *right) {
    for (int32_t panel = 0; panel < neon_panels(columns); panel++) {
        int8_t *out = right + panel * neon_panel_bytes(pairs);
        for (int32_t block = 0; block < 2 * neon_steps(pairs); block++) {
            int8x8_t factors[8];
            for (int k = 0; k < 8; k++) {
                int32_t pair = 8 * block + k;
                factors[k] = pair < pairs ? vld1_s8(b.data + pair * b.stride + 8 * panel)
                                          : vdup_n_s8(0);
            }
            neon_store_panel_block(factors, NEON_GROUP, block, out);
        }
    }
}

EGG_INLINE void EGG_NAME(vote_tile)(int count, int32_t steps, const int8_t *left,
                                    const int8_t *panel, int32_t columns, int32_t *e,
                                    ptrdiff_t e_stride) {
    neon_sums sums[8];
    EGG_NAME(tile)(count, left, EGG_VOTE_PAIRS, steps, panel, sums);
    for (int r = 0; r < count; r++)
        neon_add_votes(sums[r].low, sums[r].high, columns, e + r * e_stride);
}

static void EGG_NAME(votes)(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                             egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                             ptrdiff_t e_stride, void *scratch) {
    int8_t *left = scratch, *right = left + EGG_VOTE_ROWS * EGG_VOTE_PAIRS;
    int32_t steps = neon_steps(pairs);
    EGG_NAME(pack_left)(pairs, rows, a, fitness, shift, left);
    EGG_NAME(pack_right)(pairs, columns, b, right);
    for (int32_t panel = 0; panel < neon_panels(columns); panel++) {
        const int8_t *weights = right + panel * neon_panel_bytes(pairs);
        int32_t *out = e + 8 * panel, width = columns - 8 * panel, row = 0;
        for (; row + 8 <= rows; row += 8)
            EGG_NAME(vote_tile)(8, steps, left + row * EGG_VOTE_PAIRS, weights, width,
                                 out + row * e_stride, e_stride);
        for (; row + 2 <= rows; row += 2)
            EGG_NAME(vote_tile)(2, steps, left + row * EGG_VOTE_PAIRS, weights, width,
                                 out + row * e_stride, e_stride);
        if (row < rows)
            EGG_NAME(vote_tile)(1, steps, left + row * EGG_VOTE_PAIRS, weights, width,
                                 out + row * e_stride, e_stride);
    }
}

/// Products at the rate of the instruction alone, from registers; gives how many.
static int64_t EGG_NAME(roofline)(int32_t rounds) {
    enum { accumulators = 16 };
    int32x4_t sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = vdupq_n_s32(0);
    int8x16_t x = vdupq_n_s8(3), w = vdupq_n_s8(5);
    for (int32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < accumulators; i++) {
            __asm__ volatile("" : "+w"(x));  // keeps the products inside the loop
            sums[i] = EGG_NAME(accumulate)(sums[i], x, w);
        }
    }
    for (int i = 1; i < accumulators; i++) sums[0] = vaddq_s32(sums[0], sums[i]);
    __asm__ volatile("" : : "w"(sums[0]));
    return (int64_t)rounds * accumulators * NEON_ACCUMULATED;
}

/// The functions that differ between the NEON kernels.
#define NEON_MATRIX_FUNCTIONS(F)     \
    F(EGG_UNIT, packed_bytes)        \
    F(EGG_UNIT, pack)                \
    F(EGG_UNIT, product_scratch)     \
    F(EGG_UNIT, product)             \
    F(EGG_UNIT, vote_scratch)        \
    F(EGG_UNIT, votes)               \
    F(EGG_UNIT, roofline)
