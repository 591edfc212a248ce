// The error of the last layer as plain loops (loops.h).
#ifndef EGG_SOFTMAX_LOOPS_H
#define EGG_SOFTMAX_LOOPS_H

#include "unit.h"

/// 2^15 · 2^(y mod 16 / 16) within 1/400, by a quadratic: a vector unit has no small tables of 16 bits.
static inline uint32_t EGG_LOOP(mantissa)(uint32_t y) {
    uint32_t r = y & 15;
    return 32768 + r * (1389 + 40 * r);
}

/// Adds probability · 63 · 256 of each token to `sums`.
static inline void EGG_LOOP(add_probabilities)(int32_t vocabulary, const int8_t *restrict logits,
                                               int32_t *restrict sums) {
    // Each term is below 2^16 · 2^15 >> 10, so the sum is below 2^29.
    uint32_t total = 0;
    for (int32_t v = 0; v < vocabulary; v++) {
        uint32_t y = (uint32_t)(logits[v] + 128);
        // mantissa · 2^(y/16 - 10). A shift to the right: without vectors of variable shifts some
        // compilers make one to the left by way of floating point.
        total += EGG_LOOP(mantissa)(y) << 15 >> (25 - (y >> 4));
    }
    // The reciprocal is below 2^16, its product with a mantissa below 2^32.
    uint32_t exponent = 31 - (uint32_t)__builtin_clz(total);
    uint32_t reciprocal = (uint32_t)((UINT64_C(63 * 256) << (exponent + 2)) / total);
    for (int32_t v = 0; v < vocabulary; v++) {
        uint32_t y = (uint32_t)(logits[v] + 128);
        uint32_t shift = exponent + 12 - (y >> 4);
        sums[v] += (int32_t)((EGG_LOOP(mantissa)(y) * reciprocal) >> (shift > 31 ? 31 : shift));
    }
}

static void EGG_LOOP(softmax_error)(int32_t pairs, int32_t vocabulary, egg_const_rows logits,
                                    const uint8_t *targets, const uint8_t *dither,
                                    egg_out_rows out) {
    for (int32_t pair = 0; pair < pairs; pair++) {
        const int8_t *first = logits.data + 2 * pair * logits.stride;
        int8_t *restrict result = out.data + pair * out.stride;
        int32_t sums[256] = {0};
        EGG_LOOP(add_probabilities)(vocabulary, first, sums);
        EGG_LOOP(add_probabilities)(vocabulary, first + logits.stride, sums);
        sums[targets[pair]] -= 2 * 63 * 256;
        int32_t offset = dither[pair];
        for (int32_t v = 0; v < vocabulary; v++)
            result[v] = (int8_t)((((offset + 159 * v) & 255) - sums[v]) >> 8);
    }
}

#endif
