// Packing of a matrix for the AVX2 kernel (see avx2_matrix.h).
#if defined(__x86_64__)
#include "avx2_matrix.h"

EGG_TARGET_BEGIN(EGG_AVX2)

size_t avx2_packed_bytes(int32_t outputs, int32_t inputs) {
    // A split step is a group of its own: its vectors and a correction.
    size_t vectors = (size_t)avx2_panels(outputs) * avx2_max_groups(inputs) * 2 * step_bytes;
    return avx2_vectors_at(outputs, inputs) + vectors;
}

/// Where the outputs of a panel stand among its two vectors.
static const uint8_t avx2_output_slot[tile_outputs] = {0, 1, 2,  3,  8,  9,  10, 11,
                                                       4, 5, 6, 7, 12, 13, 14, 15};

/// A panel being packed.
typedef struct {
    avx2_group *group;     // the open one
    int8_t *correction;    // of the open group
    int8_t *next;          // where the next step goes
    __m256i magnitude[2];  // Σ|w| of each lane of the open group
    __m256i sum[2];        // Σw
} avx2_packer;

static inline __m256i avx2_lane_magnitudes(__m256i weights) {
    return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_set1_epi8(1));
}

static inline __m256i avx2_lane_sums(__m256i weights) {
    return _mm256_maddubs_epi16(_mm256_set1_epi8(1), weights);
}

static inline int avx2_exceeds(__m256i a, __m256i b, int16_t limit) {
    __m256i bound = _mm256_set1_epi16(limit);
    __m256i over = _mm256_or_si256(_mm256_cmpgt_epi16(a, bound), _mm256_cmpgt_epi16(b, bound));
    return !_mm256_testz_si256(over, over);
}

static void avx2_open_group(avx2_packer *packer, uint16_t first) {
    *packer->group = (avx2_group){.first = first, .steps = 0};
    packer->correction = packer->next;
    packer->next += step_bytes;
    for (int v = 0; v < 2; v++) packer->magnitude[v] = packer->sum[v] = _mm256_setzero_si256();
}

static void avx2_close_group(avx2_packer *packer) {
    for (int v = 0; v < 2; v++) {
        __m256i correction =
            _mm256_mullo_epi16(packer->sum[v], _mm256_set1_epi16(-input_offset));
        _mm256_store_si256((__m256i *)packer->correction + v, correction);
    }
    packer->group++;
}

/// Adds a step of the four inputs `number`, in a new group where the open one cannot hold it.
static void avx2_add_step(avx2_packer *packer, uint16_t number, const int8_t *weights) {
    __m256i step[2], magnitude[2];
    for (int v = 0; v < 2; v++) {
        step[v] = _mm256_load_si256((const __m256i *)weights + v);
        magnitude[v] = avx2_lane_magnitudes(step[v]);
    }
    int repeats = packer->group->first + packer->group->steps != number;
    if (repeats || avx2_exceeds(_mm256_add_epi16(packer->magnitude[0], magnitude[0]),
                                _mm256_add_epi16(packer->magnitude[1], magnitude[1]),
                                max_group_magnitude)) {
        avx2_close_group(packer);
        avx2_open_group(packer, number);
    }
    for (int v = 0; v < 2; v++) {
        packer->magnitude[v] = _mm256_add_epi16(packer->magnitude[v], magnitude[v]);
        packer->sum[v] = _mm256_add_epi16(packer->sum[v], avx2_lane_sums(step[v]));
        _mm256_store_si256((__m256i *)packer->next + v, step[v]);
    }
    packer->next += step_bytes;
    packer->group->steps++;
}

/// Whether vpmaddubsw could saturate: twice the positive or negative sum of a lane is its
/// magnitude plus the size of its sum.
static int avx2_must_split(const int8_t *weights) {
    __m256i twice[2];
    for (int v = 0; v < 2; v++) {
        __m256i step = _mm256_load_si256((const __m256i *)weights + v);
        twice[v] = _mm256_add_epi16(avx2_lane_magnitudes(step),
                                    _mm256_abs_epi16(avx2_lane_sums(step)));
    }
    return avx2_exceeds(twice[0], twice[1], max_step_magnitude);
}

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
        _Alignas(32) int8_t step[step_bytes], half[step_bytes];
        uint16_t number = (uint16_t)(first / step_inputs);
        avx2_gather_step(weights, outputs, inputs, first, step);
        if (avx2_must_split(step)) {
            for (int i = 0; i < step_bytes; i++) {
                half[i] = (int8_t)(step[i] / 2);
                step[i] = (int8_t)(step[i] - half[i]);
            }
            avx2_add_step(packer, number, half);
        }
        avx2_add_step(packer, number, step);
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
        avx2_packer packer = {.group = groups, .next = next};
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
