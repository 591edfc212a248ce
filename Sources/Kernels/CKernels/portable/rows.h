// Small operations on widths and values that every kernel shares.
#ifndef EGG_ROWS_H
#define EGG_ROWS_H

#include "egg_kernels.h"

/// The width of a row in memory.
static inline int32_t egg_padded(int32_t width) {
    return (width + EGG_ALIGNMENT - 1) / EGG_ALIGNMENT * EGG_ALIGNMENT;
}

static inline int8_t egg_clip(int32_t value) {
    return (int8_t)(value > 127 ? 127 : value < -127 ? -127 : value);
}

static inline int16_t egg_clip16(int16_t value) {
    value = value > 127 ? 127 : value;
    return value < -127 ? -127 : value;
}

/// clip(in + ((sign·Σ_k A_k[token]·B_k) >> shift)) of one row, for noise of any rank.
static inline void egg_embed_ranked(egg_rows rows, int32_t row, int32_t padded, uint8_t token,
                                    const egg_perturbation *noise, const int8_t *in, int8_t *out) {
    ptrdiff_t first = (ptrdiff_t)rows.pair[row] * noise->rank;
    for (int32_t i = 0; i < padded; i++) {
        int32_t along = 0;
        for (int32_t k = 0; k < noise->rank; k++)
            along += noise->a[(first + k) * noise->a_stride + token] *
                     noise->b[(first + k) * noise->b_stride + i];
        out[i] = egg_clip(in[i] + ((rows.sign[row] * along) >> noise->shift));
    }
}

#endif
