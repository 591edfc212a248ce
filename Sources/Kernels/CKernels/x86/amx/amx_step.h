// A step of 64 inputs of a 2 × 2 block of tiles: two tiles of rows by two of weights.
// Include inside EGG_TARGET_BEGIN, after amx.h.
#ifndef EGG_AMX_STEP_H
#define EGG_AMX_STEP_H

EGG_INLINE void amx_zero_sums(void) {
    _tile_zero(AMX_SUMS_00);
    _tile_zero(AMX_SUMS_01);
    _tile_zero(AMX_SUMS_10);
    _tile_zero(AMX_SUMS_11);
}

/// Adds the products of `lower` and `upper` 16 rows, `stride` bytes apart, and of the two tiles at
/// `weights`. Each tile is loaded right before its first product, which hides the loads.
EGG_INLINE void amx_step(const int8_t *lower, const int8_t *upper, ptrdiff_t stride,
                         const void *weights) {
    const int8_t *second = (const int8_t *)weights + amx_tile_size;
    _tile_loadd(AMX_ROWS_0, lower, stride);
    _tile_loadd(AMX_WEIGHTS_0, weights, amx_tile_bytes);
    _tile_dpbssd(AMX_SUMS_00, AMX_ROWS_0, AMX_WEIGHTS_0);
    _tile_loadd(AMX_WEIGHTS_1, second, amx_tile_bytes);
    _tile_dpbssd(AMX_SUMS_01, AMX_ROWS_0, AMX_WEIGHTS_1);
    _tile_loadd(AMX_ROWS_1, upper, stride);
    _tile_dpbssd(AMX_SUMS_10, AMX_ROWS_1, AMX_WEIGHTS_0);
    _tile_dpbssd(AMX_SUMS_11, AMX_ROWS_1, AMX_WEIGHTS_1);
}

#endif
