// The log-likelihood of the NEON kernels.
#if defined(__aarch64__)
#include "../portable/likelihood.h"
#include "neon.h"

/// The mantissas of EXP2, below 2^20, byte by byte.
typedef struct {
    uint8x16_t byte[3];
} neon_mantissas;

static neon_mantissas neon_load_mantissas(const egg_loss_tables *tables) {
    neon_mantissas result;
    for (int byte = 0; byte < 3; byte++) {
        uint8_t entries[16];
        for (int i = 0; i < 16; i++) entries[i] = (uint8_t)(tables->mantissas[i] >> (8 * byte));
        result.byte[byte] = vld1q_u8(entries);
    }
    return result;
}

/// Four mantissas shifted right; the shift counts are the lowest byte of each lane, negative.
static inline uint32x4_t neon_shift(uint16x8_t mantissas, uint16x8_t shifts) {
    return vshlq_u32(vreinterpretq_u32_u16(mantissas), vreinterpretq_s32_u16(shifts));
}

/// Adds EXP2[y] of 16 values: the mantissa of each is looked up byte by byte, widened and shifted.
static inline uint32x4_t neon_add_exp2(uint32x4_t sum, uint8x16_t y, neon_mantissas mantissas) {
    uint8x16_t remainder = vandq_u8(y, vdupq_n_u8(15));
    uint8x16_t shift = vsubq_u8(vshrq_n_u8(y, 4), vdupq_n_u8(15));
    uint8x16_t b0 = vqtbl1q_u8(mantissas.byte[0], remainder);
    uint8x16_t b1 = vqtbl1q_u8(mantissas.byte[1], remainder);
    uint8x16_t b2 = vqtbl1q_u8(mantissas.byte[2], remainder);
    for (int half = 0; half < 2; half++) {
        uint16x8_t low = vreinterpretq_u16_u8(half ? vzip2q_u8(b0, b1) : vzip1q_u8(b0, b1));
        uint16x8_t high = half ? vmovl_high_u8(b2) : vmovl_u8(vget_low_u8(b2));
        uint16x8_t by = half ? vmovl_high_u8(shift) : vmovl_u8(vget_low_u8(shift));
        sum = vaddq_u32(sum, neon_shift(vzip1q_u16(low, high), vzip1q_u16(by, by)));
        sum = vaddq_u32(sum, neon_shift(vzip2q_u16(low, high), vzip2q_u16(by, by)));
    }
    return sum;
}

void neon_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                         const uint8_t *targets, ptrdiff_t target_stride,
                         const egg_loss_tables *tables, int32_t *scores) {
    neon_mantissas mantissas = neon_load_mantissas(tables);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *y = logits.data + row * logits.stride;
        uint32x4_t sums = vdupq_n_u32(0);  // of at most 256·2^20 together
        int32_t v = 0;
        for (; v + 16 <= vocabulary; v += 16) {
            uint8x16_t logit = vreinterpretq_u8_s8(vld1q_s8(y + v));
            sums = neon_add_exp2(sums, veorq_u8(logit, vdupq_n_u8(128)), mantissas);
        }
        uint32_t sum = vaddvq_u32(sums);
        for (; v < vocabulary; v++) sum += egg_exp2(y[v], tables);
        scores[row] += egg_likelihood(y[targets[row * target_stride]] + 128, sum, tables);
    }
}
#endif
