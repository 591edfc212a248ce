// The votes as plain loops (loops.h).
#ifndef EGG_VOTES_LOOPS_H
#define EGG_VOTES_LOOPS_H

#include "rows.h"
#include "unit.h"

static size_t EGG_LOOP(vote_scratch)(int32_t columns) {
    (void)columns;
    return 0;
}

static void EGG_LOOP(votes)(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                            egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                            ptrdiff_t e_stride, void *scratch) {
    (void)scratch;
    int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    for (int32_t pair = 0; pair < pairs; pair++) {
        if (fitness[pair] == 0) continue;
        const int8_t *restrict right = b.data + pair * b.stride;
        for (int32_t i = 0; i < rows; i++) {
            int32_t left = egg_clip((a.data[pair * a.stride + i] * fitness[pair] + half) >> shift);
            int32_t *restrict out = e + i * e_stride;
            for (int32_t j = 0; j < columns; j++) out[j] += left * right[j];
        }
    }
}

static void EGG_LOOP(vector_votes)(int32_t pairs, int32_t width, egg_const_rows a,
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

#endif
