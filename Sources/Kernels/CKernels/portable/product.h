// The matrix product as plain loops (loops.h).
#ifndef EGG_PRODUCT_LOOPS_H
#define EGG_PRODUCT_LOOPS_H

#include <string.h>

#include "floor_division.h"
#include "rows.h"
#include "unit.h"

enum { egg_lanes = 16 };  // outputs of a panel

/// Panels of 16 outputs: [panel][inputs padded][16] Int8.
static size_t EGG_LOOP(packed_bytes)(int32_t outputs, int32_t inputs) {
    size_t panels = ((size_t)outputs + egg_lanes - 1) / egg_lanes;
    return panels * egg_lanes * (size_t)egg_padded(inputs);
}

static void EGG_LOOP(pack)(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    int8_t *out = packed;
    memset(packed, 0, EGG_LOOP(packed_bytes)(outputs, inputs));
    for (int32_t o = 0; o < outputs; o++) {
        int8_t *panel = out + (size_t)(o / egg_lanes) * egg_lanes * (size_t)egg_padded(inputs);
        for (int32_t i = 0; i < inputs; i++)
            panel[i * egg_lanes + o % egg_lanes] = weights[(size_t)o * (size_t)inputs + (size_t)i];
    }
}

static size_t EGG_LOOP(product_scratch)(int32_t rows, int32_t inputs) {
    (void)rows, (void)inputs;
    return 0;
}

static int32_t EGG_LOOP(dot)(int32_t count, const int8_t *restrict a, const int8_t *restrict b) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

static void EGG_LOOP(product)(const egg_product *p, egg_rows rows, void *scratch) {
    (void)scratch;
    egg_divisor divisor = egg_make_divisor(p->root);
    int32_t padded = egg_padded(p->inputs);
    const egg_perturbation *noise = &p->noise;
    for (int32_t row = 0; row < rows.count; row++) {
        const int8_t *restrict x = p->x + row * p->x_stride;
        const int8_t *a = NULL;
        int64_t along_b[EGG_MAX_RANK] = {0};
        if (noise->a != NULL) {
            ptrdiff_t first = (ptrdiff_t)rows.pair[row] * noise->rank;
            for (int32_t k = 0; k < noise->rank; k++) {
                const int8_t *b = noise->b + (first + k) * noise->b_stride;
                along_b[k] = (int64_t)rows.sign[row] * EGG_LOOP(dot)(padded, x, b);
            }
            a = noise->a + first * noise->a_stride;
        }
        for (int32_t o = 0; o < p->outputs; o += egg_lanes) {
            const int8_t *restrict panel =
                (const int8_t *)p->weights + (size_t)o * (size_t)padded;
            int32_t sums[egg_lanes] = {0};
            for (int32_t i = 0; i < p->inputs; i++)
                for (int32_t j = 0; j < egg_lanes; j++) sums[j] += x[i] * panel[i * egg_lanes + j];
            for (int32_t j = 0; j < egg_lanes && o + j < p->outputs; j++) {
                int64_t along = 0;
                for (int32_t k = 0; k < noise->rank && a != NULL; k++)
                    along += along_b[k] * a[k * noise->a_stride + o + j];
                int32_t change = (int32_t)(along >> noise->shift);
                // Twice the sum's sixteenth plus one; what Int16 cannot hold is clipped anyway.
                int32_t odd = (sums[j] + change) >> 3 | 1;
                int16_t bounded = (int16_t)(odd > 32767 ? 32767 : odd < -32767 ? -32767 : odd);
                p->out[row * p->out_stride + o + j] =
                    (int8_t)egg_clip16(egg_divide_odd(bounded, divisor));
            }
        }
    }
}

#endif
