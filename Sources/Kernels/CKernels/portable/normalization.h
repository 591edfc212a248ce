// The normalization of rows as a plain loop (loops.h).
#ifndef EGG_NORMALIZATION_LOOPS_H
#define EGG_NORMALIZATION_LOOPS_H

#include "floor_division.h"
#include "rows.h"
#include "unit.h"

static void EGG_LOOP(normalize)(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                                egg_out_rows out) {
    int32_t padded = egg_padded(width);
    uint64_t width_reciprocal = egg_width_reciprocal(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict in = x.data + row * x.stride;
        const int8_t *restrict g = gain.data + row * gain.stride;
        int8_t *restrict result = out.data + row * out.stride;
        uint32_t sum = 0;
        for (int32_t i = 0; i < padded; i++) sum += (uint32_t)(in[i] < 0 ? -in[i] : in[i]);
        egg_divisor divisor = egg_make_divisor(egg_mean_magnitude(sum, width_reciprocal));
        for (int32_t i = 0; i < padded; i++)
            // |2·in·g + 1| <= 2·127² + 1 fits Int16.
            result[i] = (int8_t)egg_clip16(
                egg_divide_odd((int16_t)(2 * in[i] * g[i] + 1), divisor));
    }
}

#endif
