// The table of the AVX-512 VNNI kernel: operations on rows that take little time as the compiler
// vectorises them, the rest by hand in files of their own.
#if defined(__x86_64__)
#include "avx512.h"

EGG_TARGET_BEGIN(EGG_AVX512)

#define EGG_NAME(x) avx512_##x
#include "../../portable/elementwise.h"
#include "../../portable/activation.h"
#include "../../portable/softmax.h"

static int64_t avx512_roofline(int32_t rounds) {
    enum { accumulators = 16 };
    __m512i sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = _mm512_set1_epi32(i);
    const __m512i x = _mm512_set1_epi8(3), w = _mm512_set1_epi8(5);
    for (int32_t round = 0; round < rounds; round++)
        for (int i = 0; i < accumulators; i++) sums[i] = _mm512_dpbusd_epi32(sums[i], x, w);
    __asm__ volatile("" : : "m"(sums));
    return (int64_t)rounds * accumulators * 64;
}

const egg_kernel egg_avx512_kernel = {
    .name = "avx512-vnni",
    .block_rows = 48,
    .packed_bytes = avx512_packed_bytes,
    .pack = avx512_pack,
    .product_scratch = avx512_product_scratch,
    .product = avx512_product,
    .normalize = avx512_normalize,
    .embed = avx512_embed,
    .perturb_vector = avx512_perturb_vector,
    .gate = avx512_gate,
    .update_state = avx512_update_state,
    .add = avx512_add,
    .rectify = avx512_rectify,
    .log_likelihood = avx512_log_likelihood,
    .noise = avx512_noise,
    .vote_scratch = avx512_vote_scratch,
    .votes = avx512_votes,
    .vector_votes = avx512_vector_votes,
    .roofline = avx512_roofline,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = EGG_NAME(softmax_error),
};

EGG_TARGET_END
#endif
