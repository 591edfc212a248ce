// How steps of four inputs become the groups of a panel (see avx2_matrix.h).
#ifndef EGG_AVX2_PACKER_H
#define EGG_AVX2_PACKER_H

#include "avx2_matrix.h"

EGG_TARGET_BEGIN(EGG_AVX2)

/// The weights of four inputs for the outputs of a panel: two vectors, of the outputs 0-3, 8-11 and 4-7, 12-15.
typedef struct {
    __m256i vector[2];
} avx2_step;

/// A panel being packed.
typedef struct {
    avx2_group *group;     // the open one
    int8_t *correction;    // of the open group
    int8_t *next;          // where the next step goes
    __m256i magnitude[2];  // Σ|w| of each lane of the open group
    __m256i sum[2];        // Σw
    int16_t most;          // what a lane's Σ|w| may reach in a group
} avx2_packer;

static inline __m256i avx2_lane_magnitudes(__m256i w) {
    return _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_set1_epi8(1));
}

static inline __m256i avx2_lane_sums(__m256i w) {
    return _mm256_maddubs_epi16(_mm256_set1_epi8(1), w);
}

/// Twice the larger of a lane's positive and negative sums: its magnitude plus the size of its sum. vpmaddubsw could
/// saturate where it passes max_step_magnitude.
static inline __m256i avx2_lane_extents(__m256i w) {
    return _mm256_add_epi16(avx2_lane_magnitudes(w), _mm256_abs_epi16(avx2_lane_sums(w)));
}

static inline int avx2_exceeds(__m256i a, __m256i b, int16_t limit) {
    __m256i over = _mm256_cmpgt_epi16(_mm256_max_epi16(a, b), _mm256_set1_epi16(limit));
    return !_mm256_testz_si256(over, over);
}

static inline void avx2_open_group(avx2_packer *packer, uint16_t first) {
    *packer->group = (avx2_group){.first = first, .steps = 0};
    packer->correction = packer->next;
    packer->next += step_bytes;
    for (int v = 0; v < 2; v++) packer->magnitude[v] = packer->sum[v] = _mm256_setzero_si256();
}

static inline void avx2_close_group(avx2_packer *packer) {
    for (int v = 0; v < 2; v++) {
        __m256i correction =
            _mm256_mullo_epi16(packer->sum[v], _mm256_set1_epi16(-input_offset));
        _mm256_store_si256((__m256i *)packer->correction + v, correction);
    }
    packer->group++;
}

/// Adds a step of the four inputs `number`, in a new group where the open one cannot hold it.
EGG_INLINE void avx2_add_to_group(avx2_packer *packer, uint16_t number, avx2_step step) {
    __m256i magnitude[2], total[2];
    for (int v = 0; v < 2; v++) {
        magnitude[v] = avx2_lane_magnitudes(step.vector[v]);
        total[v] = _mm256_add_epi16(packer->magnitude[v], magnitude[v]);
    }
    int repeats = packer->group->first + packer->group->steps != number;
    if (repeats || avx2_exceeds(total[0], total[1], packer->most)) {
        avx2_close_group(packer);
        avx2_open_group(packer, number);
    }
    for (int v = 0; v < 2; v++) {
        packer->magnitude[v] = _mm256_add_epi16(packer->magnitude[v], magnitude[v]);
        packer->sum[v] = _mm256_add_epi16(packer->sum[v], avx2_lane_sums(step.vector[v]));
        _mm256_store_si256((__m256i *)packer->next + v, step.vector[v]);
    }
    packer->next += step_bytes;
    packer->group->steps++;
}

/// Adds a step of the four inputs `number`, as two where vpmaddubsw could saturate: w/2 rounded to zero, then the rest.
EGG_INLINE void avx2_add_step(avx2_packer *packer, uint16_t number, avx2_step step) {
    if (avx2_exceeds(avx2_lane_extents(step.vector[0]), avx2_lane_extents(step.vector[1]),
                     max_step_magnitude)) {
        avx2_step half;
        for (int v = 0; v < 2; v++) {
            __m256i w = step.vector[v];
            __m256i size = _mm256_and_si256(_mm256_srli_epi16(_mm256_abs_epi8(w), 1), _mm256_set1_epi8(63));
            half.vector[v] = _mm256_sign_epi8(size, w);
            step.vector[v] = _mm256_sub_epi8(w, half.vector[v]);
        }
        avx2_add_to_group(packer, number, half);
    }
    avx2_add_to_group(packer, number, step);
}

EGG_TARGET_END

#endif
