// The register tile of the VNNI kernels: rows of signed bytes times a panel of unsigned ones.
// Include inside EGG_TARGET_BEGIN, after the panels.
#ifndef EGG_VNNI_TILE_H
#define EGG_VNNI_TILE_H

/// Four Int8 factors as a vector lane holds them.
typedef int32_t __attribute__((may_alias)) vnni_four;

/// sums[r] = offsets[r] + Σ_k x[r·stride + k·step] ⊗ panel[k] over groups of inputs. The rows are
/// reached from every third one by the stride and its double, to leave the loop enough registers
/// for addresses.
EGG_INLINE void vnni_tile_of(int rows, int32_t groups, const int8_t *x, ptrdiff_t stride,
                             ptrdiff_t step, const uint8_t *panel, const int32_t *offsets,
                             int32_t *sums) {
    vector low[tile_rows], high[tile_rows];
    const int8_t *base[(tile_rows + 2) / 3];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        low[r] = high[r] = v_set32(offsets[r]);
        if (r % 3 != 0) continue;
        base[r / 3] = x + r * stride;
        // Hides where it comes from: else the compiler adds strides inside the loop.
        __asm__("" : "+r"(base[r / 3]));
    }
#pragma clang loop unroll(disable)
    for (ptrdiff_t k = 0; k < groups; k++) {
        vector first = v_load(panel), second = v_load(panel + vector_bytes);
        panel += 2 * vector_bytes;
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            vector four = v_set32(*(const vnni_four *)(base[r / 3] + r % 3 * stride));
            low[r] = v_dot8(low[r], first, four);
            high[r] = v_dot8(high[r], second, four);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r += 3) base[r / 3] += step;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        v_store(sums + r * panel_outputs, low[r]);
        v_store(sums + r * panel_outputs + panel_outputs / 2, high[r]);
    }
}

/// The sums of as many of `rows` rows as a tile takes; returns their number.
EGG_INLINE int32_t vnni_tile(int32_t rows, int32_t groups, const int8_t *x, ptrdiff_t stride,
                             ptrdiff_t step, const uint8_t *panel, const int32_t *offsets,
                             int32_t *sums) {
    if (rows >= tile_rows) {
        vnni_tile_of(tile_rows, groups, x, stride, step, panel, offsets, sums);
        return tile_rows;
    }
    if (rows >= 4) {
        vnni_tile_of(4, groups, x, stride, step, panel, offsets, sums);
        return 4;
    }
    vnni_tile_of(1, groups, x, stride, step, panel, offsets, sums);
    return 1;
}

#endif
