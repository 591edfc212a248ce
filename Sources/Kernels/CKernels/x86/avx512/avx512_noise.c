// The noise of the AVX-512 kernel: Philox4x32-10, 16 blocks at a time, and the alias table.
#if defined(__x86_64__)
#include "avx512.h"

EGG_TARGET_BEGIN(EGG_AVX512)

enum {
    batch_values = 64,  // of 8 Philox blocks
    batches_at_once = 2,
};

EGG_INLINE __m512i avx512_broadcast(uint32_t x) { return _mm512_set1_epi32((int32_t)x); }

/// 32 × 32 → 64 bit products of 16 lanes, as high and low words.
EGG_INLINE void avx512_multiply(__m512i a, uint32_t x, __m512i *high, __m512i *low) {
    __m512i factor = avx512_broadcast(x);
    __m512i even = _mm512_mul_epu32(a, factor);
    __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), factor);
    *high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, 0xF5);
    *low = _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, 0xA0);
}

EGG_INLINE __m512i avx512_mix(__m512i a, __m512i b, __m512i c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);  // the exclusive or of three
}

#define EGG_PHILOX(x) avx512_##x
#define EGG_WORDS __m512i
#include "../../portable/philox.h"

/// The alias table in registers: 4 × 32 cells, each its threshold below its alias.
typedef struct {
    __m512i cells[4];
} avx512_alias_table;

EGG_INLINE avx512_alias_table avx512_load_alias_table(const egg_noise *key) {
    avx512_alias_table table;
    for (int part = 0; part < 4; part++) {
        const __m256i *threshold = (const __m256i *)(key->threshold + 32 * part);
        const __m256i *alias = (const __m256i *)(key->alias + 32 * part);
        __m512i low = _mm512_cvtepu8_epi16(_mm256_loadu_si256(threshold));
        __m512i high = _mm512_slli_epi16(_mm512_cvtepu8_epi16(_mm256_loadu_si256(alias)), 8);
        table.cells[part] = _mm512_or_si512(low, high);
    }
    return table;
}

/// 32 values as Int16 from 32 draws: a sign, 7 bits of a cell and 8 of a coin each.
EGG_INLINE __m512i avx512_normals(__m512i draws, const avx512_alias_table *table) {
    const __m512i low_byte = _mm512_set1_epi16(0xFF);
    __m512i cell = _mm512_and_si512(_mm512_srli_epi16(draws, 8), _mm512_set1_epi16(0x7F));
    // By the lowest six bits of the cell in the lower or the upper half of the table.
    __m512i lower = _mm512_permutex2var_epi16(table->cells[0], cell, table->cells[1]);
    __m512i upper = _mm512_permutex2var_epi16(table->cells[2], cell, table->cells[3]);
    __mmask32 is_upper = _mm512_test_epi16_mask(cell, _mm512_set1_epi16(0x40));
    __m512i entry = _mm512_mask_blend_epi16(is_upper, lower, upper);
    __mmask32 aliased = _mm512_cmpge_epu16_mask(_mm512_and_si512(draws, low_byte),
                                                _mm512_and_si512(entry, low_byte));
    __m512i magnitude = _mm512_mask_blend_epi16(aliased, cell, _mm512_srli_epi16(entry, 8));
    return _mm512_mask_sub_epi16(magnitude, _mm512_movepi16_mask(draws), _mm512_setzero_si512(),
                                 magnitude);
}

/// Stores the first `count` of 64 values.
EGG_INLINE void avx512_store_values(int8_t *out, int32_t count, __m512i values) {
    if (count >= batch_values)
        _mm512_storeu_si512(out, values);
    else
        _mm512_mask_storeu_epi8(out, (UINT64_C(1) << count) - 1, values);
}

void avx512_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    // The packing below leaves 8 values of word 0 or 2 beside 8 of word 1 or 3 in each lane; a
    // batch takes two lanes.
    const __m512i order[batches_at_once] = {_mm512_setr_epi64(0, 2, 1, 3, 8, 10, 9, 11),
                                            _mm512_setr_epi64(4, 6, 5, 7, 12, 14, 13, 15)};
    const __m512i lanes =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    avx512_alias_table table = avx512_load_alias_table(key);
    for (int32_t done = 0; done < count; done += batches_at_once * batch_values) {
        __m512i words[4];
        __m512i block = avx512_broadcast((uint32_t)(first + done) / batch_values * 8);
        avx512_blocks(key, _mm512_add_epi32(block, lanes), words);
        for (int i = 0; i < 4; i++) words[i] = avx512_normals(words[i], &table);
        __m512i low = _mm512_packs_epi16(words[0], words[1]);
        __m512i high = _mm512_packs_epi16(words[2], words[3]);
        for (int batch = 0; batch < batches_at_once; batch++) {
            int32_t at = done + batch * batch_values;
            if (at < count)
                avx512_store_values(out + at, count - at,
                                    _mm512_permutex2var_epi64(low, order[batch], high));
        }
    }
}

EGG_TARGET_END
#endif
