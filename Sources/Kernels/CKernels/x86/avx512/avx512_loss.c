// The log-likelihood of the AVX-512 kernel.
#if defined(__x86_64__)
#include "avx512.h"
#include "../../portable/likelihood.h"

EGG_TARGET_BEGIN(EGG_AVX512)

enum { logits_at_once = 16 };

/// EXP2[y] of 16 logits: the mantissa by y mod 16, shifted by 15 - y/16. The exclusive or makes
/// that shift of the upper four bits of a logit (y = logit + 128).
EGG_INLINE __m512i avx512_exp2(const int8_t *logits, __m512i mantissas) {
    __m128i bytes = _mm_xor_si128(_mm_loadu_si128((const __m128i *)logits), _mm_set1_epi8(0x70));
    __m512i index = _mm512_cvtepu8_epi32(bytes);
    __m512i mantissa = _mm512_permutexvar_epi32(index, mantissas);  // by the lowest four bits
    return _mm512_srlv_epi32(mantissa, _mm512_srli_epi32(index, 4));
}

EGG_INLINE uint32_t avx512_horizontal_sum(__m512i v) {
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    __m128i sum =
        _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(sum);
}

/// At most 256·2^20.
EGG_INLINE uint32_t avx512_exp2_sum(const int8_t *logits, int32_t vocabulary, __m512i mantissas) {
    __m512i sums[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    int32_t v = 0;
    for (; v + 2 * logits_at_once <= vocabulary; v += 2 * logits_at_once)
        for (int i = 0; i < 2; i++) {
            __m512i terms = avx512_exp2(logits + v + i * logits_at_once, mantissas);
            sums[i] = _mm512_add_epi32(sums[i], terms);
        }
    for (; v < vocabulary; v += logits_at_once) {
        int32_t left = vocabulary - v;
        __mmask16 mask = (__mmask16)(left >= logits_at_once ? 0xFFFF : (1 << left) - 1);
        __m512i terms = avx512_exp2(logits + v, mantissas);
        sums[0] = _mm512_mask_add_epi32(sums[0], mask, sums[0], terms);
    }
    return avx512_horizontal_sum(_mm512_add_epi32(sums[0], sums[1]));
}

void avx512_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                           const uint8_t *targets, ptrdiff_t target_stride,
                           const egg_loss_tables *tables, int32_t *scores) {
    __m512i mantissas = _mm512_loadu_si512(tables->mantissas);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *y = logits.data + row * logits.stride;
        uint32_t sum = avx512_exp2_sum(y, vocabulary, mantissas);
        scores[row] += egg_likelihood(y[targets[row * target_stride]] + 128, sum, tables);
    }
}

EGG_TARGET_END
#endif
