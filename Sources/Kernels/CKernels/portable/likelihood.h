// The scalar parts of a log-likelihood: an exponential, and the logarithm of the sum of exponentials.
#ifndef EGG_LIKELIHOOD_H
#define EGG_LIKELIHOOD_H

#include "egg_kernels.h"

/// EXP2[y] of a logit, y = logit + 128: 16·2^(y/16) rounded down, below 2^20.
static inline uint32_t egg_exp2(int8_t logit, const egg_loss_tables *tables) {
    int32_t y = logit + 128;
    return (uint32_t)tables->mantissas[y & 15] >> (15 - (y >> 4));
}

/// ⌊16·log2(value/16)⌋ for value >= 16.
static inline int32_t egg_log2(uint32_t value, const egg_loss_tables *tables) {
    int leading = __builtin_clz(value);
    uint32_t normalized = value << leading;
    int32_t sixteenths = 0;
    for (int j = 1; j < 16; j++) sixteenths += normalized >= tables->log2_thresholds[j];
    return 16 * (31 - 4 - leading) + sixteenths;
}

/// The log-likelihood of a target from its y and the sum of exponentials, at least 16.
static inline int32_t egg_likelihood(int32_t y, uint32_t sum, const egg_loss_tables *tables) {
    if (tables->fraction_bits == 4) return y - egg_log2(sum, tables);
    int leading = __builtin_clz(sum);
    uint32_t mantissa = (sum << leading) >> 19 & 4095;  // the 12 bits after the leading one
    int32_t log2 = ((31 - 4 - leading) << 12) + tables->fine_log2[mantissa];
    return (y << 6) - (log2 >> 2);
}

#endif
