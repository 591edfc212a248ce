// The matrix product of the VNNI kernels, for either width of vectors. Weights are moved up by 128 to
// be the unsigned factors of vpdpbusd; each row's sums begin at -128·Σx. The instruction adds four
// products of 17 bits to Int32 exactly: |Σ| <= 255·127·inputs < 2^30 for inputs <= 16383.
//
// Include inside EGG_TARGET_BEGIN, after the vectors, with EGG_UNIT defined.
#include "vnni_panels.h"
#include "vnni_epilogue.h"
#include "vnni_factors.h"
#include "vnni_tile.h"

size_t EGG_NAME(packed_bytes)(int32_t outputs, int32_t inputs) {
    return (size_t)vnni_panels(outputs) * (size_t)vnni_groups(inputs) * 2 * vector_bytes;
}

void EGG_NAME(pack)(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    vnni_pack(weights, outputs, inputs, vnni_groups(inputs), 1, 0x80, packed);
}

/// The sums of a tile, then the offsets of each row and its factors.
size_t EGG_NAME(product_scratch)(int32_t rows, int32_t inputs) {
    (void)inputs;
    return (tile_rows * panel_outputs + (1 + EGG_MAX_RANK) * (size_t)vnni_factor_capacity(rows)) * sizeof(int32_t);
}

void EGG_NAME(product)(const egg_product *p, egg_rows rows, void *scratch) {
    int32_t *sums = scratch;
    int32_t *offsets = sums + tile_rows * panel_outputs;
    int32_t *factors = offsets + vnni_factor_capacity(rows.count);
    vnni_epilogue e = vnni_make_epilogue(p, rows.count);
    for (int32_t row = 0; row < rows.count; row += factor_rows)
        vnni_make_factors(&e, p, rows, row, factors, offsets);
    int32_t groups = vnni_groups(p->inputs);
    for (int32_t panel = 0; panel < vnni_panels(p->outputs); panel++) {
        const uint8_t *weights =
            (const uint8_t *)p->weights + (ptrdiff_t)panel * groups * 2 * vector_bytes;
        int32_t count;
        for (int32_t row = 0; row < rows.count; row += count) {
            const int8_t *x = p->x + row * p->x_stride;
            count = vnni_tile(rows.count - row, groups, x, p->x_stride, group_inputs, weights,
                              offsets + row, sums);
            vnni_finish(&e, p, rows, (vnni_finished){sums, factors, row, count, panel});
        }
    }
}
