// The table of the AVX-VNNI kernel (256-bit vectors): products with vpdpbusd, the rest as AVX2 has it.
#if defined(__x86_64__)
#include "../avx2/avx2.h"
#include "avxvnni.h"

EGG_TARGET_BEGIN(EGG_AVXVNNI)

#define EGG_NAME(x) avxvnni_##x
#include "../../portable/elementwise.h"
#include "../../portable/elementwise_gate.h"
#include "../../portable/activation.h"

static int64_t avxvnni_roofline(int32_t rounds) {
    enum { accumulators = 12 };
    __m256i sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = _mm256_set1_epi32(i);
    const __m256i x = _mm256_set1_epi8(3), w = _mm256_set1_epi8(5);
    for (int32_t round = 0; round < rounds; round++)
        for (int i = 0; i < accumulators; i++) sums[i] = _mm256_dpbusd_avx_epi32(sums[i], x, w);
    __asm__ volatile("" : : "m"(sums));
    return (int64_t)rounds * accumulators * 32;
}

const egg_kernel egg_avxvnni_kernel = {
    .name = "avx-vnni",
    .block_rows = 48,
    .packed_bytes = avxvnni_packed_bytes,
    .pack = avxvnni_pack,
    .product_scratch = avxvnni_product_scratch,
    .product = avxvnni_product,
    .normalize = avx2_normalize,
    .embed = avxvnni_embed,
    .perturb_vector = avxvnni_perturb_vector,
    .gate = avxvnni_gate,
    .update_state = avx2_update_state,
    .add = avxvnni_add,
    .rectify = avxvnni_rectify,
    .log_likelihood = avx2_log_likelihood,
    .noise = avx2_noise,
    .vote_scratch = avx2_vote_scratch,
    .votes = avx2_votes,
    .vector_votes = avxvnni_vector_votes,
    .roofline = avxvnni_roofline,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = avx2_softmax_error,
};

EGG_TARGET_END
#endif
