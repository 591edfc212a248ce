// The noise of the NEON kernels: Philox4x32-10 and the alias table.
#if defined(__aarch64__)
#include "neon.h"

static inline uint32x4_t neon_broadcast(uint32_t x) { return vdupq_n_u32(x); }

/// 32 × 32 → 64 bit products of 4 lanes, as high and low words.
static inline void neon_multiply(uint32x4_t a, uint32_t x, uint32x4_t *high, uint32x4_t *low) {
    uint32x4_t factor = neon_broadcast(x);
    uint32x4_t first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(a), vget_low_u32(factor)));
    uint32x4_t last = vreinterpretq_u32_u64(vmull_high_u32(a, factor));
    *low = vuzp1q_u32(first, last);
    *high = vuzp2q_u32(first, last);
}

static inline uint32x4_t neon_mix(uint32x4_t a, uint32x4_t b, uint32x4_t c) {
    return veorq_u32(veorq_u32(a, b), c);
}

#define EGG_PHILOX(x) neon_##x
#define EGG_WORDS uint32x4_t
#include "../portable/philox.h"

/// Four blocks from number `block` on.
static inline void neon_four_blocks(const egg_noise *key, uint32_t block, uint32x4_t words[4]) {
    static const uint32_t lanes[4] = {0, 1, 2, 3};
    neon_blocks(key, vaddq_u32(neon_broadcast(block), vld1q_u32(lanes)), words);
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
        neon_four_blocks(key, block, low);
        neon_four_blocks(key, block + 4, high);
        int8_t batch[64];
        int8_t *to = count - done >= 64 ? out + done : batch;
        for (int word = 0; word < 4; word++)
            vst1q_s8(to + 16 * word, neon_normals(low[word], high[word], &table));
        if (to == batch) memcpy(out + done, batch, (size_t)(count - done));
    }
}
#endif
