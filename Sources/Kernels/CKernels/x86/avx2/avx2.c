// The table of the AVX2 kernel: elementwise operations as the compiler vectorises them, the rest by
// hand in files of their own.
#if defined(__x86_64__)
#include "avx2.h"

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)

#define EGG_NAME(x) avx2_##x
#include "../../portable/elementwise.h"
#include "../../portable/elementwise_gate.h"
#include "../../portable/activation.h"

static int64_t avx2_roofline(int32_t rounds) {
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

const egg_kernel egg_avx2_kernel = {
    .name = "avx2",
    .block_rows = 48,
    .packed_bytes = avx2_packed_size,
    .pack = avx2_pack,
    .product_scratch = avx2_product_scratch,
    .product = avx2_product,
    .normalize = avx2_normalize,
    .embed = avx2_embed,
    .perturb_vector = avx2_perturb_vector,
    .gate = avx2_gate,
    .update_state = avx2_update_state,
    .add = avx2_add,
    .rectify = avx2_rectify,
    .log_likelihood = avx2_log_likelihood,
    .noise = avx2_noise,
    .vote_scratch = avx2_vote_scratch,
    .votes = avx2_votes,
    .vector_votes = avx2_vector_votes,
    .roofline = avx2_roofline,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = avx2_softmax_error,
};

#pragma clang attribute pop
#endif
