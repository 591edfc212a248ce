// What the files of the NEON kernels share. The kernels differ in the instruction that multiplies
// (smmla, sdot or smull); rows, loss and noise are the same for all.
#ifndef EGG_NEON_H
#define EGG_NEON_H

#include <arm_neon.h>
#include <string.h>

#include "../portable/floor_division.h"
#include "../portable/rows.h"
#include "../portable/unit.h"

/// The functions that all NEON kernels share.
#define NEON_FUNCTIONS(F)      \
    F(neon, normalize)         \
    F(neon, embed)             \
    F(neon, perturb_vector)    \
    F(neon, gate)              \
    F(neon, update_state)      \
    F(neon, add)               \
    F(neon, rectify)           \
    F(neon, log_likelihood)    \
    F(neon, noise)             \
    F(neon, vector_votes)

NEON_FUNCTIONS(EGG_DECLARATION)

// MARK: floor division

/// An egg_divisor in vectors, as a signed doubling multiply-high and a shift.
typedef struct {
    int16x8_t least, most;  // the dividends whose quotient needs no clip
    int16x8_t reciprocal;
    int16x8_t shift;  // -(shift + 1): the multiply-high doubles
} neon_divisor;

static inline neon_divisor neon_make_divisor(int32_t divisor) {
    egg_divisor d = egg_make_divisor(divisor);
    return (neon_divisor){vdupq_n_s16((int16_t)(-127 * divisor)),
                          vdupq_n_s16((int16_t)(128 * divisor - 1)), vdupq_n_s16(d.reciprocal),
                          vdupq_n_s16((int16_t)(-1 - d.shift))};
}

/// clip(floor(v / divisor)), in Int8's range: egg_divide_odd of 2v + 1.
static inline int16x8_t neon_floor_divide(int16x8_t v, neon_divisor d) {
    v = vmaxq_s16(vminq_s16(v, d.most), d.least);
    int16x8_t odd = vsliq_n_s16(vdupq_n_s16(1), v, 1);
    return vshlq_s16(vqdmulhq_s16(odd, d.reciprocal), d.shift);
}

// MARK: sums

/// The saturated sum without -128.
static inline int8x16_t neon_add_clipped(int8x16_t a, int8x16_t b) {
    return vmaxq_s8(vqaddq_s8(a, b), vdupq_n_s8(-127));
}

/// Σ x_i·b_i of two rows of `padded` bytes, at most 16383·127² < 2^28.
static inline int32_t neon_dot(int32_t padded, const int8_t *x, const int8_t *b) {
    int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
    for (int32_t i = 0; i < padded; i += 32) {
        for (int part = 0; part < 2; part++) {
            int8x16_t v = vld1q_s8(x + i + 16 * part), w = vld1q_s8(b + i + 16 * part);
            int16x8_t products = vmull_s8(vget_low_s8(v), vget_low_s8(w));
            products = vmlal_high_s8(products, v, w);  // |.| <= 2·127² fits Int16
            sums[part] = vpadalq_s16(sums[part], products);
        }
    }
    return vaddvq_s32(vaddq_s32(sums[0], sums[1]));
}

/// Vectors of Int16 products to Int8, saturating, without -128.
static inline int8x16_t neon_narrow_clipped(int16x8_t low, int16x8_t high) {
    return vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), vdupq_n_s8(-127));
}

// MARK: votes

/// clip((a·fitness + half) >> shift) of 8 elements: |a·fitness| <= 127² fits Int16, and a rounding
/// shift adds the half without overflow.
static inline int8x8_t neon_scaled(int8x8_t a, int8_t fitness, int32_t shift) {
    int16x8_t product = vmull_s8(a, vdup_n_s8(fitness));
    int16x8_t shifted = vrshlq_s16(product, vdupq_n_s16((int16_t)-shift));
    return vmax_s8(vqmovn_s16(shifted), vdup_n_s8(-127));
}

/// Adds 8 votes to e, or the first `columns` where there are fewer.
static inline void neon_add_votes(int32x4_t low, int32x4_t high, int32_t columns, int32_t *e) {
    if (columns >= 8) {
        vst1q_s32(e, vaddq_s32(vld1q_s32(e), low));
        vst1q_s32(e + 4, vaddq_s32(vld1q_s32(e + 4), high));
        return;
    }
    int32_t values[8];
    vst1q_s32(values, low);
    vst1q_s32(values + 4, high);
    for (int32_t j = 0; j < columns; j++) e[j] += values[j];
}

#endif
