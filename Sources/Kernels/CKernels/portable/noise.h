// The noise as plain loops (loops.h): Philox4x32-10 and the alias table.
#ifndef EGG_NOISE_LOOPS_H
#define EGG_NOISE_LOOPS_H

#include <string.h>

#include "unit.h"

EGG_INLINE uint32_t EGG_LOOP(broadcast)(uint32_t x) { return x; }

EGG_INLINE void EGG_LOOP(multiply)(uint32_t a, uint32_t x, uint32_t *high, uint32_t *low) {
    uint64_t product = (uint64_t)a * x;
    *high = (uint32_t)(product >> 32);
    *low = (uint32_t)product;
}

EGG_INLINE uint32_t EGG_LOOP(mix)(uint32_t a, uint32_t b, uint32_t c) { return a ^ b ^ c; }

#define EGG_PHILOX(x) EGG_LOOP(x)
#define EGG_WORDS uint32_t
#include "philox.h"

/// 64 elements: element i is half i mod 2 of word i/16 of block (i mod 16)/2.
static void EGG_LOOP(noise_batch)(const egg_noise *key, uint32_t batch, int8_t out[64]) {
    for (uint32_t block = 0; block < 8; block++) {
        uint32_t words[4];
        EGG_LOOP(blocks)(key, 8 * batch + block, words);
        for (uint32_t half = 0; half < 8; half++) {
            uint32_t bits = words[half / 2] >> (16 * (half % 2)) & 0xFFFF;
            uint32_t cell = bits >> 8 & 0x7F;
            uint8_t magnitude =
                (bits & 0xFF) < key->threshold[cell] ? (uint8_t)cell : key->alias[cell];
            int8_t value = bits >> 15 ? (int8_t)-magnitude : (int8_t)magnitude;
            out[16 * (half / 2) + 2 * block + half % 2] = value;
        }
    }
}

static void EGG_LOOP(noise)(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    for (int32_t done = 0; done < count; done += 64) {
        int8_t batch[64];
        EGG_LOOP(noise_batch)(key, (uint32_t)(first + done) / 64, batch);
        memcpy(out + done, batch, (size_t)(count - done < 64 ? count - done : 64));
    }
}

#endif
