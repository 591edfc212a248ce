// Floor division of an Int16 by a small constant, exact, as a 16-bit multiply-high and a shift.
#ifndef EGG_FLOOR_DIVISION_H
#define EGG_FLOOR_DIVISION_H

#include <stdint.h>

typedef struct {
    int16_t reciprocal;  // 2^(15+shift) / divisor to the nearest, at most 32767
    int16_t shift;       // ⌈log2 divisor⌉ - 1, 0 for a divisor of 1
} egg_divisor;

/// divisor in 1...127.
static inline egg_divisor egg_make_divisor(int32_t divisor) {
    int shift = divisor <= 2 ? 0 : 31 - __builtin_clz((uint32_t)(divisor - 1));
    int32_t power = 1 << (15 + shift);
    int32_t reciprocal = (2 * power + divisor) / (2 * divisor);
    return (egg_divisor){(int16_t)(reciprocal > 32767 ? 32767 : reciprocal), (int16_t)shift};
}

/// floor(v / divisor) for odd = 2v + 1, any odd Int16: -16384 <= v <= 16383.
///
/// v / divisor and odd / (2·divisor) have the same floor, and the latter is at least 1/(2·divisor)
/// from every integer. The reciprocal is off by at most 1/2 = e/divisor with e = divisor/2 <=
/// 2^shift, so the quotient is off by at most |odd|·e / (divisor·2^(16+shift)) < 1/(2·divisor), as
/// |odd| < 2^15. (For a divisor of 1 the reciprocal is 2^15 - 1, e = 1.)
static inline int16_t egg_divide_odd(int16_t odd, egg_divisor d) {
    int16_t high = (int16_t)(((int32_t)odd * d.reciprocal) >> 16);
    return (int16_t)(high >> d.shift);
}

/// 1 / width as egg_mean_magnitude takes it, rounded up, in units of 2^-40.
static inline uint64_t egg_width_reciprocal(int32_t width) {
    return ((UINT64_C(1) << 40) + (uint64_t)width - 1) / (uint64_t)width;
}

/// What a normalization divides by: ⌊sum / width⌋ of the sum of `width` magnitudes, at least 1.
/// The reciprocal gives the floor exactly, as sum·width <= 127·16383² < 2^40.
static inline int32_t egg_mean_magnitude(uint32_t sum, uint64_t width_reciprocal) {
    int32_t mean = (int32_t)(sum * width_reciprocal >> 40);
    return mean < 1 ? 1 : mean;
}

#endif
