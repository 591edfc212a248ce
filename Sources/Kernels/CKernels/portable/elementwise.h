// Operations on the elements of rows as plain loops (loops.h).
#ifndef EGG_ELEMENTWISE_LOOPS_H
#define EGG_ELEMENTWISE_LOOPS_H

#include <string.h>

#include "rows.h"
#include "unit.h"

static void EGG_LOOP(embed)(egg_rows rows, int32_t width, const int8_t *embedding,
                            const uint8_t *tokens, ptrdiff_t token_stride,
                            const egg_perturbation *noise, egg_out_rows out) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows.count; row++) {
        uint8_t token = tokens[row * token_stride];
        const int8_t *restrict in = embedding + (ptrdiff_t)token * padded;
        int8_t *restrict result = out.data + row * out.stride;
        if (noise->a == NULL) {
            memcpy(result, in, (size_t)padded);
            continue;
        }
        if (noise->rank > 1) {
            egg_embed_ranked(rows, row, padded, token, noise, in, result);
            continue;
        }
        const int8_t *restrict b = noise->b + rows.pair[row] * noise->b_stride;
        int16_t a = (int16_t)(rows.sign[row] * noise->a[rows.pair[row] * noise->a_stride + token]);
        int shift = noise->shift;
        for (int32_t i = 0; i < padded; i++) {
            int16_t change = (int16_t)((int16_t)(a * b[i]) >> shift);
            result[i] = (int8_t)egg_clip16((int16_t)(in[i] + change));
        }
    }
}

static void EGG_LOOP(perturb_vector)(egg_rows rows, int32_t width, const int8_t *values,
                                     const egg_perturbation *noise, egg_out_rows out) {
    for (int32_t row = 0; row < rows.count; row++) {
        const int8_t *restrict a = noise->a + rows.pair[row] * noise->a_stride;
        const int8_t *restrict b = noise->b + rows.pair[row] * noise->b_stride;
        int8_t *restrict result = out.data + row * out.stride;
        int16_t sign = (int16_t)rows.sign[row];
        int shift = noise->shift;
        for (int32_t i = 0; i < width; i++) {
            int16_t change = (int16_t)((int16_t)(sign * a[i] * b[i]) >> shift);
            result[i] = (int8_t)egg_clip16((int16_t)(values[i] + change));
        }
    }
}

static void EGG_LOOP(add)(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict in = addend.data + row * addend.stride;
        int8_t *restrict result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i++)
            result[i] = (int8_t)egg_clip16((int16_t)(result[i] + in[i]));
    }
}

static void EGG_LOOP(rectify)(int32_t rows, int32_t width, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        int8_t *restrict result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i++) result[i] = result[i] < 0 ? 0 : result[i];
    }
}

#endif
