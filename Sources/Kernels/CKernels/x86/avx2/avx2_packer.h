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

/// Adds a step of the four inputs `number`, whose lanes have these magnitudes and sums, in a new group where the open
/// one cannot hold it.
EGG_INLINE void avx2_add_to_group(avx2_packer *packer, uint16_t number, avx2_step step,
                                  const __m256i *magnitude, const __m256i *sum) {
    __m256i total[2];
    for (int v = 0; v < 2; v++) total[v] = _mm256_add_epi16(packer->magnitude[v], magnitude[v]);
    int repeats = packer->group->first + packer->group->steps != number;
    if (repeats || avx2_exceeds(total[0], total[1], packer->most)) {
        avx2_close_group(packer);
        avx2_open_group(packer, number);
    }
    for (int v = 0; v < 2; v++) {
        packer->magnitude[v] = _mm256_add_epi16(packer->magnitude[v], magnitude[v]);
        packer->sum[v] = _mm256_add_epi16(packer->sum[v], sum[v]);
        _mm256_store_si256((__m256i *)packer->next + v, step.vector[v]);
    }
    packer->next += step_bytes;
    packer->group->steps++;
}

/// Adds a step of the four inputs `number`, as two where vpmaddubsw could saturate: twice the positive or negative sum
/// of a lane is its magnitude plus the size of its sum.
EGG_INLINE void avx2_add_step(avx2_packer *packer, uint16_t number, avx2_step step) {
    __m256i ones = _mm256_set1_epi8(1), magnitude[2], sum[2], twice[2];
    for (int v = 0; v < 2; v++) {
        magnitude[v] = _mm256_maddubs_epi16(_mm256_abs_epi8(step.vector[v]), ones);
        sum[v] = _mm256_maddubs_epi16(ones, step.vector[v]);
        twice[v] = _mm256_add_epi16(magnitude[v], _mm256_abs_epi16(sum[v]));
    }
    if (!avx2_exceeds(twice[0], twice[1], max_step_magnitude))
        return avx2_add_to_group(packer, number, step, magnitude, sum);
    for (int part = 0; part < 2; part++) {
        avx2_step half;
        for (int v = 0; v < 2; v++) {
            // w/2 rounded to zero, then what is left of w.
            __m256i w = step.vector[v];
            __m256i size = _mm256_and_si256(_mm256_srli_epi16(_mm256_abs_epi8(w), 1), _mm256_set1_epi8(63));
            __m256i first = _mm256_sign_epi8(size, w);
            half.vector[v] = part == 0 ? first : _mm256_sub_epi8(w, first);
            magnitude[v] = _mm256_maddubs_epi16(_mm256_abs_epi8(half.vector[v]), ones);
            sum[v] = _mm256_maddubs_epi16(ones, half.vector[v]);
        }
        avx2_add_to_group(packer, number, half, magnitude, sum);
    }
}

EGG_TARGET_END

#endif
