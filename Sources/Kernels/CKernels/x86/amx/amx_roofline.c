// The roofline of the AMX kernel.
#if defined(__x86_64__)
#include "amx.h"

EGG_TARGET_BEGIN(EGG_AMX)
#include "amx_step.h"

/// The loop of the products, with its loads and without vector work.
int64_t amx_roofline(int32_t rounds) {
    _Alignas(64) int8_t rows[2 * amx_tile_size], weights[2 * amx_tile_size];
    memset(rows, 3, sizeof rows);
    memset(weights, 5, sizeof weights);
    amx_prepare_thread();
    amx_zero_sums();
    for (int32_t round = 0; round < rounds; round++)
        amx_step(rows, rows + amx_tile_size, amx_tile_bytes, weights);
    return (int64_t)rounds * 4 * amx_tile_rows * 16 * amx_tile_bytes;
}

EGG_TARGET_END
#endif
