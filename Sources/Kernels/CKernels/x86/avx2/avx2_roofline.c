// The roofline of the AVX2 kernel.
#if defined(__x86_64__)
#include "avx2.h"

EGG_TARGET_BEGIN(EGG_AVX2)

int64_t avx2_roofline(int32_t rounds) {
    enum { accumulators = 12 };
    __m256i sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = _mm256_setzero_si256();
    __m256i x = _mm256_set1_epi16(3), w = _mm256_set1_epi16(5);
    for (int32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < accumulators; i++) {
            __asm__ volatile("" : "+x"(x));  // keeps the product inside the loop
            sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(x, w));
        }
    }
    for (int i = 1; i < accumulators; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    __asm__ volatile("" : : "x"(sums[0]));
    return (int64_t)rounds * accumulators * 16;
}

EGG_TARGET_END
#endif
