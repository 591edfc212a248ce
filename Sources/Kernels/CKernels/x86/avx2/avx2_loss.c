// The log-likelihood of the AVX2 kernel.
#if defined(__x86_64__)
#include "avx2.h"
#include "../../portable/likelihood.h"

EGG_TARGET_BEGIN(EGG_AVX2)

/// Σ EXP2[y] of 32 logits: the mantissa of each is looked up byte by byte, widened and shifted.
static inline __m256i avx2_exp2_sum(__m256i y, const __m256i mantissa_bytes[3]) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i remainder = _mm256_and_si256(y, _mm256_set1_epi8(15));
    __m256i exponent = _mm256_and_si256(_mm256_srli_epi16(y, 4), _mm256_set1_epi8(15));
    __m256i shift = _mm256_sub_epi8(_mm256_set1_epi8(15), exponent);
    __m256i b0 = _mm256_shuffle_epi8(mantissa_bytes[0], remainder);
    __m256i b1 = _mm256_shuffle_epi8(mantissa_bytes[1], remainder);
    __m256i b2 = _mm256_shuffle_epi8(mantissa_bytes[2], remainder);
    __m256i sum = zero;
    for (int half = 0; half < 2; half++) {
        __m256i low = half ? _mm256_unpackhi_epi8(b0, b1) : _mm256_unpacklo_epi8(b0, b1);
        __m256i high = half ? _mm256_unpackhi_epi8(b2, zero) : _mm256_unpacklo_epi8(b2, zero);
        __m256i by = half ? _mm256_unpackhi_epi8(shift, zero) : _mm256_unpacklo_epi8(shift, zero);
        __m256i first = _mm256_srlv_epi32(_mm256_unpacklo_epi16(low, high),
                                          _mm256_unpacklo_epi16(by, zero));
        __m256i second = _mm256_srlv_epi32(_mm256_unpackhi_epi16(low, high),
                                           _mm256_unpackhi_epi16(by, zero));
        sum = _mm256_add_epi32(sum, _mm256_add_epi32(first, second));
    }
    return sum;
}

void avx2_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                                const uint8_t *targets, ptrdiff_t target_stride,
                                const egg_loss_tables *tables, int32_t *scores) {
    __m256i mantissa_bytes[3];
    for (int byte = 0; byte < 3; byte++) {
        uint8_t entries[16];
        for (int i = 0; i < 16; i++) entries[i] = (uint8_t)(tables->mantissas[i] >> (8 * byte));
        mantissa_bytes[byte] =
            _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)entries));
    }
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *y = logits.data + row * logits.stride;
        __m256i sums = _mm256_setzero_si256();
        int32_t v = 0;
        for (; v + 32 <= vocabulary; v += 32) {
            __m256i logit = _mm256_loadu_si256((const __m256i *)(y + v));
            __m256i index = _mm256_xor_si256(logit, _mm256_set1_epi8(-128));
            sums = _mm256_add_epi32(sums, avx2_exp2_sum(index, mantissa_bytes));
        }
        uint32_t sum = (uint32_t)avx2_horizontal_sum(sums);
        for (; v < vocabulary; v++) sum += egg_exp2(y[v], tables);
        scores[row] += egg_likelihood(y[targets[row * target_stride]] + 128, sum, tables);
    }
}

EGG_TARGET_END
#endif
