// The gate and the update of the state as plain loops (loops.h).
#ifndef EGG_RECURRENCE_LOOPS_H
#define EGG_RECURRENCE_LOOPS_H

#include "rows.h"
#include "unit.h"

/// The sum of three Int8, clipped, through a table of 256 entries where there is one.
static inline void EGG_LOOP(activate)(int32_t padded, const int8_t *restrict a,
                                      const int8_t *restrict b, const int8_t *restrict c,
                                      const int8_t *restrict table, int8_t *restrict out) {
    for (int32_t i = 0; i < padded; i++)
        out[i] = (int8_t)egg_clip16((int16_t)(a[i] + b[i] + c[i]));
    if (table != NULL)
        for (int32_t i = 0; i < padded; i++) out[i] = table[out[i] + 128];
}

static void EGG_LOOP(gate)(int32_t rows, int32_t width, egg_const_rows from_input,
                           egg_const_rows from_state, egg_const_rows bias, const int8_t *table,
                           egg_const_rows state, egg_out_rows f, egg_out_rows gated) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        int8_t *restrict gate = f.data + row * f.stride;
        EGG_LOOP(activate)(padded, from_input.data + row * from_input.stride,
                           from_state.data + row * from_state.stride,
                           bias.data + row * bias.stride, table, gate);
        const int8_t *restrict s = state.data + row * state.stride;
        int8_t *restrict result = gated.data + row * gated.stride;
        // |(f + 127)·s| <= 254·127 fits Int16.
        for (int32_t i = 0; i < padded; i++)
            result[i] = (int8_t)((int16_t)((gate[i] + 127) * s[i]) >> 8);
    }
}

static void EGG_LOOP(update_state)(int32_t rows, int32_t width, egg_const_rows from_input,
                                   egg_const_rows from_state, egg_const_rows bias,
                                   egg_const_rows f, egg_out_rows state, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict gate = f.data + row * f.stride;
        int8_t *restrict s = state.data + row * state.stride;
        int8_t *restrict result = x.data + row * x.stride;
        for (int32_t start = 0; start < padded; start += EGG_ALIGNMENT) {
            int8_t h[EGG_ALIGNMENT];
            EGG_LOOP(activate)(EGG_ALIGNMENT, from_input.data + row * from_input.stride + start,
                               from_state.data + row * from_state.stride + start,
                               bias.data + row * bias.stride + start, NULL, h);
            for (int32_t i = 0; i < EGG_ALIGNMENT; i++) {
                // (f + 127)·(h - s) reaches 64516; doubled and times 128 its upper half is the
                // product >> 8, and both factors fit Int16.
                int16_t old = s[start + i];
                int16_t openness = (int16_t)((gate[start + i] + 127) * 2);
                int16_t distance = (int16_t)((h[i] - old) * 128);
                int16_t change = (int16_t)(((int32_t)openness * distance) >> 16);
                int16_t moved = (int16_t)(old + change);
                s[start + i] = (int8_t)moved;
                result[start + i] =
                    (int8_t)egg_clip16((int16_t)(moved + result[start + i]));
            }
        }
    }
}

#endif
