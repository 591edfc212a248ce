// The noise of the NEON kernels: Philox4x32-10 and the alias table.
#if defined(__aarch64__)
#include "neon.h"

/// 32 × 32 → 64 bit products of 4 lanes, as high and low words.
static inline void neon_multiply(uint32x4_t a, uint32_t constant, uint32x4_t *high,
                                 uint32x4_t *low) {
    uint32x4_t factor = vdupq_n_u32(constant);
    uint32x4_t first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(a), vget_low_u32(factor)));
    uint32x4_t last = vreinterpretq_u32_u64(vmull_high_u32(a, factor));
    *low = vuzp1q_u32(first, last);
    *high = vuzp2q_u32(first, last);
}

/// Four Philox4x32-10 blocks; words[j] holds word j of each.
static inline void neon_philox(const egg_noise *key, uint32_t block, uint32x4_t words[4]) {
    static const uint32_t steps[4] = {0, 1, 2, 3};
    uint32x4_t c0 = vaddq_u32(vdupq_n_u32(block), vld1q_u32(steps));
    uint32x4_t c1 = vdupq_n_u32(key->index);
    uint32x4_t c2 = vdupq_n_u32(key->selector);
    uint32x4_t c3 = vdupq_n_u32(key->epoch);
    uint32_t k0 = key->seed_low, k1 = key->seed_high;
    for (int round = 0; round < 10; round++) {
        uint32x4_t first_high, first_low, second_high, second_low;
        neon_multiply(c0, UINT32_C(0xD2511F53), &first_high, &first_low);
        neon_multiply(c2, UINT32_C(0xCD9E8D57), &second_high, &second_low);
        c0 = veorq_u32(veorq_u32(second_high, c1), vdupq_n_u32(k0));
        c2 = veorq_u32(veorq_u32(first_high, c3), vdupq_n_u32(k1));
        c1 = second_low;
        c3 = first_low;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

/// The alias table in registers.
typedef struct {
    uint8x16x4_t threshold[2], alias[2];
} neon_alias_table;

/// 128 entries; cells past the first 64 wrap in neither part.
static inline uint8x16_t neon_entry(const uint8x16x4_t parts[2], uint8x16_t cell) {
    uint8x16_t first = vqtbl4q_u8(parts[0], cell);
    return vqtbx4q_u8(first, parts[1], vsubq_u8(cell, vdupq_n_u8(64)));
}

/// 16 values from 16 draws of 16 bits.
static inline int8x16_t neon_normals(uint32x4_t first, uint32x4_t second,
                                     const neon_alias_table *table) {
    uint8x16_t coin = vuzp1q_u8(vreinterpretq_u8_u32(first), vreinterpretq_u8_u32(second));
    uint8x16_t top = vuzp2q_u8(vreinterpretq_u8_u32(first), vreinterpretq_u8_u32(second));
    uint8x16_t cell = vandq_u8(top, vdupq_n_u8(0x7F));
    uint8x16_t own = vcltq_u8(coin, neon_entry(table->threshold, cell));
    uint8x16_t magnitude = vbslq_u8(own, cell, neon_entry(table->alias, cell));
    int8x16_t negative = vshrq_n_s8(vreinterpretq_s8_u8(top), 7);  // -1 or 0
    return vsubq_s8(veorq_s8(vreinterpretq_s8_u8(magnitude), negative), negative);
}

void neon_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    neon_alias_table table;
    for (int part = 0; part < 2; part++) {
        table.threshold[part] = vld1q_u8_x4(key->threshold + 64 * part);
        table.alias[part] = vld1q_u8_x4(key->alias + 64 * part);
    }
    for (int32_t done = 0; done < count; done += 64) {
        uint32_t block = (uint32_t)(first + done) / 64 * 8;
        uint32x4_t low[4], high[4];  // blocks 0-3 and 4-7 of the batch
        neon_philox(key, block, low);
        neon_philox(key, block + 4, high);
        int8_t batch[64];
        int8_t *to = count - done >= 64 ? out + done : batch;
        for (int word = 0; word < 4; word++)
            vst1q_s8(to + 16 * word, neon_normals(low[word], high[word], &table));
        if (to == batch) memcpy(out + done, batch, (size_t)(count - done));
    }
}
#endif
