// The error of the last layer of the AVX2 kernel: softmax.h with 16-bit sums.
//
// Logits go through in groups of 32. Unpacking bytes to 16 bits and these to 32 keeps to the lanes of a vector, and
// packing goes back the same way, so that no group needs its order restored.
#if defined(__x86_64__)
#include "avx2.h"

#define EGG_UNIT avx2
EGG_TARGET_BEGIN(EGG_AVX2)
#include "../../portable/softmax.h"

enum {
    group_logits = 32,
    most_halves = 256 / 16,
    one = 63 * 256,  // probability 1
};

/// Mantissas and exponents of the logits of a row: logit + 128 = 16·exponent + remainder, the mantissa is that of
/// the remainder. Two halves a group.
typedef struct {
    __m256i mantissa[most_halves], exponent[most_halves];
} avx2_logits;

/// Splits a row; returns Σ mantissa · 2^(exponent - 10), each rounded down.
static inline uint32_t avx2_split(int32_t vocabulary, const int8_t *logits, __m256i low_bytes,
                                  __m256i high_bytes, avx2_logits *split) {
    const __m256i zero = _mm256_setzero_si256(), nibble = _mm256_set1_epi8(15);
    __m256i total = zero;
    for (int32_t v = 0, half = 0; v < vocabulary; v += group_logits, half += 2) {
        __m256i y = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(logits + v)),
                                     _mm256_set1_epi8(-128));
        __m256i remainder = _mm256_and_si256(y, nibble);
        __m256i exponent = _mm256_and_si256(_mm256_srli_epi16(y, 4), nibble);
        __m256i low = _mm256_shuffle_epi8(low_bytes, remainder);
        __m256i high = _mm256_shuffle_epi8(high_bytes, remainder);
        split->mantissa[half] = _mm256_unpacklo_epi8(low, high);
        split->mantissa[half + 1] = _mm256_unpackhi_epi8(low, high);
        split->exponent[half] = _mm256_unpacklo_epi8(exponent, zero);
        split->exponent[half + 1] = _mm256_unpackhi_epi8(exponent, zero);
        for (int32_t h = half; h < half + 2; h++) {
            // (mantissa << 16) >> (26 - exponent)
            __m256i mantissa = split->mantissa[h];
            __m256i shift = _mm256_sub_epi16(_mm256_set1_epi16(26), split->exponent[h]);
            total = _mm256_add_epi32(total, _mm256_srlv_epi32(_mm256_unpacklo_epi16(zero, mantissa),
                                                              _mm256_unpacklo_epi16(shift, zero)));
            total = _mm256_add_epi32(total, _mm256_srlv_epi32(_mm256_unpackhi_epi16(zero, mantissa),
                                                              _mm256_unpackhi_epi16(shift, zero)));
        }
    }
    return (uint32_t)avx2_horizontal_sum(total);
}

/// (mantissa · reciprocal) >> min(31, exponent of the total + 12 - exponent) of half a group.
///
/// Below `one` each, so that those of two rows fit Int16: of at least 32 logits every other one adds 32 or more to the
/// total, and rounding a term down takes less than 1 from it.
static inline __m256i avx2_probabilities(__m256i mantissa, __m256i exponent, __m256i reciprocal,
                                         __m256i base) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i low = _mm256_mullo_epi16(mantissa, reciprocal);
    __m256i high = _mm256_mulhi_epu16(mantissa, reciprocal);
    __m256i shift = _mm256_min_epi16(_mm256_sub_epi16(base, exponent), _mm256_set1_epi16(31));
    __m256i first = _mm256_srlv_epi32(_mm256_unpacklo_epi16(low, high),
                                      _mm256_unpacklo_epi16(shift, zero));
    __m256i second = _mm256_srlv_epi32(_mm256_unpackhi_epi16(low, high),
                                       _mm256_unpackhi_epi16(shift, zero));
    return _mm256_packus_epi32(first, second);
}

/// Adds the probabilities of a row to `sums`, two halves a group.
static inline void avx2_add_probabilities(int32_t vocabulary, const int8_t *logits,
                                          __m256i low_bytes, __m256i high_bytes, __m256i *sums) {
    avx2_logits split;
    uint32_t total = avx2_split(vocabulary, logits, low_bytes, high_bytes, &split);
    uint32_t exponent = 31 - (uint32_t)__builtin_clz(total);
    uint32_t reciprocal = (uint32_t)((UINT64_C(63 * 256) << (exponent + 2)) / total);
    __m256i factor = _mm256_set1_epi16((int16_t)reciprocal);
    __m256i base = _mm256_set1_epi16((int16_t)(exponent + 12));
    for (int32_t half = 0; half < vocabulary / 16; half++)
        sums[half] = _mm256_add_epi16(
            sums[half], avx2_probabilities(split.mantissa[half], split.exponent[half], factor, base));
}

/// out = (dither + 2·one at the target - sums) >> 8 of a pair; `numbers` and `dither` are those of the first group.
static inline void avx2_store_error(int32_t vocabulary, const __m256i *sums, __m256i numbers,
                                    uint8_t target, __m256i dither, int8_t *out) {
    const __m256i zero = _mm256_setzero_si256(), hit = _mm256_set1_epi16(2 * one);
    for (int32_t v = 0; v < vocabulary; v += group_logits) {
        __m256i here = _mm256_cmpeq_epi8(numbers, _mm256_set1_epi8((char)target));
        __m256i first = _mm256_add_epi16(_mm256_unpacklo_epi8(dither, zero),
                                         _mm256_and_si256(_mm256_unpacklo_epi8(here, here), hit));
        __m256i second = _mm256_add_epi16(_mm256_unpackhi_epi8(dither, zero),
                                          _mm256_and_si256(_mm256_unpackhi_epi8(here, here), hit));
        first = _mm256_srai_epi16(_mm256_sub_epi16(first, sums[v / 16]), 8);
        second = _mm256_srai_epi16(_mm256_sub_epi16(second, sums[v / 16 + 1]), 8);
        _mm256_storeu_si256((__m256i *)(out + v), _mm256_packs_epi16(first, second));
        // 159 for each logit, modulo 256.
        dither = _mm256_add_epi8(dither, _mm256_set1_epi8((char)(159 * group_logits)));
        numbers = _mm256_add_epi8(numbers, _mm256_set1_epi8(group_logits));
    }
}

void avx2_softmax_error(int32_t pairs, int32_t vocabulary, egg_const_rows logits,
                        const uint8_t *targets, const uint8_t *dither, egg_out_rows out) {
    if (vocabulary % group_logits != 0)
        return EGG_LOOP(softmax_error)(pairs, vocabulary, logits, targets, dither, out);
    uint8_t low[16], high[16], steps[group_logits], places[group_logits];
    for (uint32_t r = 0; r < 16; r++) {
        low[r] = (uint8_t)EGG_LOOP(mantissa)(r);
        high[r] = (uint8_t)(EGG_LOOP(mantissa)(r) >> 8);
    }
    for (int32_t v = 0; v < group_logits; v++) steps[v] = (uint8_t)(159 * v), places[v] = (uint8_t)v;
    __m256i low_bytes = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)low));
    __m256i high_bytes = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)high));
    __m256i first_dither = _mm256_loadu_si256((const __m256i *)steps);
    __m256i numbers = _mm256_loadu_si256((const __m256i *)places);
    for (int32_t pair = 0; pair < pairs; pair++) {
        const int8_t *first = logits.data + 2 * pair * logits.stride;
        __m256i sums[most_halves];
        for (int32_t half = 0; half < vocabulary / 16; half++) sums[half] = _mm256_setzero_si256();
        avx2_add_probabilities(vocabulary, first, low_bytes, high_bytes, sums);
        avx2_add_probabilities(vocabulary, first + logits.stride, low_bytes, high_bytes, sums);
        __m256i own_dither = _mm256_add_epi8(first_dither, _mm256_set1_epi8((char)dither[pair]));
        avx2_store_error(vocabulary, sums, numbers, targets[pair], own_dither,
                         out.data + pair * out.stride);
    }
}

EGG_TARGET_END
#endif
