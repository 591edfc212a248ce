// Operations on rows, written once as plain loops and compiled for each instruction set by the file
// that includes this one (the compiler vectorises them). Names get the prefix of that file.
//
// Include with EGG_NAME(x) defined. Everything here is static.
#include <string.h>

#include "egg_kernels.h"
#include "floor_division.h"
#include "rows.h"

static void EGG_NAME(embed)(egg_rows rows, int32_t width, const int8_t *embedding,
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
        const int8_t *restrict b = noise->b + rows.pair[row] * noise->b_stride;
        int16_t a = (int16_t)(rows.sign[row] * noise->a[rows.pair[row] * noise->a_stride + token]);
        int shift = noise->shift;
        for (int32_t i = 0; i < padded; i++) {
            int16_t change = (int16_t)((int16_t)(a * b[i]) >> shift);
            result[i] = (int8_t)egg_clip16((int16_t)(in[i] + change));
        }
    }
}

static void EGG_NAME(perturb_vector)(egg_rows rows, int32_t width, const int8_t *values,
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

static void EGG_NAME(rectify)(int32_t rows, int32_t width, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        int8_t *restrict result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i++) result[i] = result[i] < 0 ? 0 : result[i];
    }
}

static void EGG_NAME(vector_votes)(int32_t pairs, int32_t width, egg_const_rows a,
                                   egg_const_rows b, const int8_t *fitness, int32_t shift,
                                   int32_t *restrict e) {
    int16_t half = (int16_t)(shift > 0 ? 1 << (shift - 1) : 0);
    for (int32_t pair = 0; pair < pairs; pair++) {
        const int8_t *restrict left = a.data + pair * a.stride;
        const int8_t *restrict right = b.data + pair * b.stride;
        int16_t f = fitness[pair];
        for (int32_t j = 0; j < width; j++) {
            int16_t scaled = egg_clip16((int16_t)((int16_t)(left[j] * f + half) >> shift));
            e[j] += (int16_t)(scaled * right[j]);
        }
    }
}
