// The table of the AMX kernel: products and votes by tiles, the rest as AVX-512 has it.
#if defined(__x86_64__)
#include "amx.h"

EGG_TARGET_BEGIN(EGG_AMX)

#define EGG_NAME(x) amx_##x
#include "../../portable/elementwise.h"
#include "../../portable/activation.h"
#include "../../portable/softmax.h"

/// The loop of the products, with its loads and without vector work.
static int64_t amx_roofline(int32_t rounds) {
    _Alignas(64) int8_t rows[2 * amx_tile_size], weights[2 * amx_tile_size];
    memset(rows, 3, sizeof rows);
    memset(weights, 5, sizeof weights);
    amx_prepare_thread();
    _tile_zero(AMX_SUMS_00);
    _tile_zero(AMX_SUMS_01);
    _tile_zero(AMX_SUMS_10);
    _tile_zero(AMX_SUMS_11);
    for (int32_t round = 0; round < rounds; round++) {
        _tile_loadd(AMX_ROWS_0, rows, amx_tile_bytes);
        _tile_loadd(AMX_WEIGHTS_0, weights, amx_tile_bytes);
        _tile_dpbssd(AMX_SUMS_00, AMX_ROWS_0, AMX_WEIGHTS_0);
        _tile_loadd(AMX_WEIGHTS_1, weights + amx_tile_size, amx_tile_bytes);
        _tile_dpbssd(AMX_SUMS_01, AMX_ROWS_0, AMX_WEIGHTS_1);
        _tile_loadd(AMX_ROWS_1, rows + amx_tile_size, amx_tile_bytes);
        _tile_dpbssd(AMX_SUMS_10, AMX_ROWS_1, AMX_WEIGHTS_0);
        _tile_dpbssd(AMX_SUMS_11, AMX_ROWS_1, AMX_WEIGHTS_1);
    }
    return (int64_t)rounds * 4 * amx_tile_rows * 16 * amx_tile_bytes;
}

const egg_kernel egg_amx_kernel = {
    .name = "amx",
    .block_rows = 64,
    .packed_bytes = amx_packed_bytes,
    .pack = amx_pack,
    .product_scratch = amx_product_scratch,
    .product = amx_product,
    .normalize = avx512_normalize,
    .embed = amx_embed,
    .perturb_vector = amx_perturb_vector,
    .gate = avx512_gate,
    .update_state = avx512_update_state,
    .add = avx512_add,
    .rectify = amx_rectify,
    .log_likelihood = avx512_log_likelihood,
    .noise = avx512_noise,
    .vote_scratch = amx_vote_scratch,
    .votes = amx_votes,
    .vector_votes = amx_vector_votes,
    .roofline = amx_roofline,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = EGG_NAME(softmax_error),
};

EGG_TARGET_END
#endif
