// The noise of the AVX2 kernel: Philox4x32-10 and the alias table.
#if defined(__x86_64__)
#include "avx2.h"

EGG_TARGET_BEGIN(EGG_AVX2)

static inline __m256i avx2_broadcast(uint32_t x) { return _mm256_set1_epi32((int32_t)x); }

/// 32 × 32 → 64 bit products of 8 lanes, as high and low words.
static inline void avx2_multiply(__m256i a, uint32_t x, __m256i *high, __m256i *low) {
    __m256i factor = avx2_broadcast(x);
    __m256i even = _mm256_mul_epu32(a, factor);
    __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), factor);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}

static inline __m256i avx2_mix(__m256i a, __m256i b, __m256i c) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}

#define EGG_PHILOX(x) avx2_##x
#define EGG_WORDS __m256i
#include "../../portable/philox.h"

/// The alias table in registers' reach: 8 × 16 entries of thresholds and aliases, each twice.
typedef struct {
    __m256i threshold[8], alias[8];
} avx2_alias_table;

static inline avx2_alias_table avx2_load_alias_table(const egg_noise *key) {
    avx2_alias_table table;
    for (int part = 0; part < 8; part++) {
        const __m128i *threshold = (const __m128i *)(key->threshold + 16 * part);
        const __m128i *alias = (const __m128i *)(key->alias + 16 * part);
        table.threshold[part] = _mm256_broadcastsi128_si256(_mm_loadu_si128(threshold));
        table.alias[part] = _mm256_broadcastsi128_si256(_mm_loadu_si128(alias));
    }
    return table;
}

/// 32 values from two vectors of 16-bit draws.
static inline __m256i avx2_normals(__m256i first, __m256i second, const avx2_alias_table *table) {
    const __m256i low_byte = _mm256_set1_epi16(0xFF);
    __m256i coin = _mm256_packus_epi16(_mm256_and_si256(first, low_byte),
                                       _mm256_and_si256(second, low_byte));
    __m256i top =
        _mm256_packus_epi16(_mm256_srli_epi16(first, 8), _mm256_srli_epi16(second, 8));
    __m256i cell = _mm256_and_si256(top, _mm256_set1_epi8(0x7F));
    __m256i threshold = _mm256_setzero_si256(), alias = _mm256_setzero_si256();
    for (int part = 0; part < 8; part++) {
        // Indices 0-15 of this part stay below 0x80 after the saturating addition; others do not,
        // and the shuffle gives 0 for them.
        __m256i index = _mm256_adds_epu8(_mm256_sub_epi8(cell, _mm256_set1_epi8((char)(16 * part))),
                                         _mm256_set1_epi8(0x70));
        threshold =
            _mm256_or_si256(threshold, _mm256_shuffle_epi8(table->threshold[part], index));
        alias = _mm256_or_si256(alias, _mm256_shuffle_epi8(table->alias[part], index));
    }
    // coin >= threshold takes the alias.
    __m256i aliased = _mm256_cmpeq_epi8(_mm256_max_epu8(coin, threshold), coin);
    __m256i magnitude = _mm256_blendv_epi8(cell, alias, aliased);
    __m256i negative = _mm256_cmpgt_epi8(_mm256_setzero_si256(), top);
    __m256i value = _mm256_sub_epi8(_mm256_xor_si256(magnitude, negative), negative);
    return _mm256_permute4x64_epi64(value, 0xD8);  // undoes the lanes of packus
}

void avx2_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    avx2_alias_table table = avx2_load_alias_table(key);
    for (int32_t done = 0; done < count; done += 64) {
        __m256i words[4];
        __m256i block = avx2_broadcast((uint32_t)(first + done) / 64 * 8);
        avx2_blocks(key, _mm256_add_epi32(block, lanes), words);
        __m256i low = avx2_normals(words[0], words[1], &table);
        __m256i high = avx2_normals(words[2], words[3], &table);
        if (count - done >= 64) {
            _mm256_storeu_si256((__m256i *)(out + done), low);
            _mm256_storeu_si256((__m256i *)(out + done + 32), high);
        } else {
            int8_t batch[64];
            _mm256_storeu_si256((__m256i *)batch, low);
            _mm256_storeu_si256((__m256i *)(batch + 32), high);
            memcpy(out + done, batch, (size_t)(count - done));
        }
    }
}

EGG_TARGET_END
#endif
