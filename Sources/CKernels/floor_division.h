// Floor division of an Int16 by a small constant, exact, as a 16-bit multiply-high and a shift.
#ifndef EGG_FLOOR_DIVISION_H
#define EGG_FLOOR_DIVISION_H

#include <stdint.h>

typedef struct {
    int16_t divisor;
    uint16_t reciprocal;  // ⌈2^(15+shift) / divisor⌉
    int16_t shift;        // ⌈log2 divisor⌉
} egg_divisor;

/// divisor in 1...127.
static inline egg_divisor egg_make_divisor(int32_t divisor) {
    int shift = divisor <= 1 ? 0 : 32 - __builtin_clz((uint32_t)(divisor - 1));
    uint32_t power = UINT32_C(1) << (15 + shift);
    uint32_t reciprocal = (power + (uint32_t)divisor - 1) / (uint32_t)divisor;
    return (egg_divisor){(int16_t)divisor, (uint16_t)reciprocal, (int16_t)shift};
}

/// clip(floor(value / divisor)) for |value| <= 32767.
///
/// The dividend moves up by 128·divisor into n in [divisor, 256·divisor) with n < 2^15, where the
/// clip to -127...127 is a clamp. The reciprocal is too large by e/divisor with e < 2^shift, so
/// n·e < 2^(15+shift) and ⌊n·reciprocal / 2^(15+shift)⌋ is the quotient (Granlund and Montgomery
/// 1994). Doubling n puts it into the upper half of a 16-bit product.
static inline int16_t egg_floor_divide(int16_t value, egg_divisor d) {
    int16_t limit = (int16_t)(127 * d.divisor + (d.divisor - 1));
    int16_t low = (int16_t)(-127 * d.divisor);
    int16_t clamped = value > limit ? limit : value < low ? low : value;
    uint16_t moved = (uint16_t)(clamped + 128 * d.divisor);
    uint16_t doubled = (uint16_t)(moved * 2);
    uint16_t high = (uint16_t)(((uint32_t)doubled * d.reciprocal) >> 16);
    return (int16_t)((high >> d.shift) - 128);
}

#endif
