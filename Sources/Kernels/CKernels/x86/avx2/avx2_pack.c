// Packing of a matrix for the AVX2 kernel (see avx2_matrix.h).
#if defined(__x86_64__)
#include "avx2_packer.h"

EGG_TARGET_BEGIN(EGG_AVX2)

size_t avx2_packed_bytes(int32_t outputs, int32_t inputs) {
    // A split step is a group of its own: its vectors and a correction.
    size_t vectors = (size_t)avx2_panels(outputs) * avx2_max_groups(inputs) * 2 * step_bytes;
    return avx2_vectors_at(outputs, inputs) + vectors;
}

/// Where the outputs of a panel stand among its two vectors.
static const uint8_t avx2_output_slot[tile_outputs] = {0, 1, 2,  3,  8,  9,  10, 11,
                                                       4, 5, 6, 7, 12, 13, 14, 15};

/// The weights of four inputs for the outputs of a panel.
static void avx2_gather_step(const int8_t *weights, int32_t outputs, int32_t inputs, int32_t first,
                             int8_t *step) {
    memset(step, 0, step_bytes);
    size_t width = inputs - first < step_inputs ? (size_t)(inputs - first) : step_inputs;
    for (int32_t o = 0; o < outputs; o++) {
        int8_t *slot = step + step_inputs * avx2_output_slot[o];
        const int8_t *from = weights + (ptrdiff_t)o * inputs + first;
        if (width == step_inputs) {
            memcpy(slot, from, step_inputs);
        } else {
            memcpy(slot, from, width);
        }
    }
}

static void avx2_pack_panel(const int8_t *weights, int32_t outputs, int32_t inputs,
                            avx2_packer *packer) {
    avx2_open_group(packer, 0);
    for (int32_t first = 0; first < inputs; first += step_inputs) {
        _Alignas(32) int8_t bytes[step_bytes];
        avx2_gather_step(weights, outputs, inputs, first, bytes);
        const __m256i *vectors = (const __m256i *)bytes;
        avx2_step step = {{_mm256_load_si256(vectors), _mm256_load_si256(vectors + 1)}};
        avx2_add_step(packer, (uint16_t)(first / step_inputs), step);
    }
    avx2_close_group(packer);
}

void avx2_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    int8_t *start = packed;
    avx2_panel *panels = packed;
    int8_t *next = start + avx2_vectors_at(outputs, inputs);
    for (int32_t panel = 0; panel < avx2_panels(outputs); panel++) {
        size_t groups_at = avx2_groups_at(outputs) +
                           (size_t)panel * avx2_max_groups(inputs) * sizeof(avx2_group);
        avx2_group *groups = (avx2_group *)(start + groups_at);
        avx2_packer packer = {.group = groups, .next = next, .most = max_group_magnitude};
        int32_t first = panel * tile_outputs;
        int32_t count = outputs - first < tile_outputs ? outputs - first : tile_outputs;
        avx2_pack_panel(weights + (ptrdiff_t)first * inputs, count, inputs, &packer);
        panels[panel] = (avx2_panel){.groups = (uint32_t)groups_at,
                                     .vectors = (uint32_t)(next - start),
                                     .group_count = (int32_t)(packer.group - groups)};
        next = packer.next;
    }
}

EGG_TARGET_END
#endif
