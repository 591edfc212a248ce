// The packed layout of the VNNI and AMX kernels: panels of as many outputs as two vectors have Int32.
// Include inside EGG_TARGET_BEGIN, after the vectors.
#ifndef EGG_VNNI_PANELS_H
#define EGG_VNNI_PANELS_H

enum {
    panel_outputs = 8 * vector_lanes,
    group_inputs = 4,  // inputs whose products one Int32 sums at once
};

EGG_INLINE int32_t vnni_panels(int32_t outputs) {
    return (outputs + panel_outputs - 1) / panel_outputs;
}

EGG_INLINE int32_t vnni_groups(int32_t inputs) {
    return (inputs + group_inputs - 1) / group_inputs;
}

/// Where a panel has the weights of its output `o`: output 8·l + 4·j + c is Int32 c of lane l of
/// vector j, so that packing two vectors of sums to Int16 and two of those to bytes leaves eight
/// neighbouring outputs in each half lane.
EGG_INLINE ptrdiff_t vnni_slot(int32_t o, int32_t groups_a_tile) {
    int32_t lane = o / 8, half = o / 4 % 2, column = o % 4;
    return (ptrdiff_t)half * groups_a_tile * vector_bytes + 16 * lane + 4 * column;
}

/// Packs a canonical matrix as [panel][tile][half][group of the tile][Int32 of a vector][4] with
/// `groups` groups a panel, each byte changed by an exclusive or with `flip`. Where there is no
/// weight the byte is `flip`.
EGG_INLINE void vnni_pack(const int8_t *weights, int32_t outputs, int32_t inputs, int32_t groups,
                          int32_t groups_a_tile, uint8_t flip, uint8_t *packed) {
    ptrdiff_t panel_bytes = (ptrdiff_t)groups * 2 * vector_bytes;
    uint32_t flips = flip * UINT32_C(0x01010101);
    memset(packed, flip, (size_t)vnni_panels(outputs) * (size_t)panel_bytes);
    for (int32_t o = 0; o < outputs; o++) {
        const int8_t *row = weights + (ptrdiff_t)o * inputs;
        uint8_t *slot = packed + o / panel_outputs * panel_bytes +
                        vnni_slot(o % panel_outputs, groups_a_tile);
        for (int32_t group = 0; group * group_inputs < inputs; group++) {
            int32_t left = inputs - group * group_inputs;
            uint32_t bytes = 0;
            if (left >= group_inputs)
                memcpy(&bytes, row + group * group_inputs, group_inputs);
            else
                memcpy(&bytes, row + group * group_inputs, (size_t)left);
            bytes ^= flips;
            int32_t tile = group / groups_a_tile, in_tile = group % groups_a_tile;
            memcpy(slot + ((ptrdiff_t)tile * 2 * groups_a_tile + in_tile) * vector_bytes, &bytes,
                   sizeof bytes);
        }
    }
}

#endif
