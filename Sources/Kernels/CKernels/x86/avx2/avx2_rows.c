// Operations on rows that the compiler does not vectorise well: normalization and the state's update.
#if defined(__x86_64__)
#include "avx2.h"
#include "../../portable/floor_division.h"

EGG_TARGET_BEGIN(EGG_AVX2)

/// Narrows 16 Int16 to Int8 in [-127, 127].
static inline void avx2_store_clipped(__m256i values, int8_t *to) {
    __m128i bytes =
        _mm_packs_epi16(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    _mm_storeu_si128((__m128i *)to, _mm_max_epi8(bytes, _mm_set1_epi8(-127)));
}

static inline uint32_t avx2_magnitude_sum(int32_t padded, const int8_t *x) {
    __m256i sums = _mm256_setzero_si256();
    for (int32_t i = 0; i < padded; i += 32) {
        __m256i v = _mm256_abs_epi8(_mm256_loadu_si256((const __m256i *)(x + i)));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(v, _mm256_setzero_si256()));
    }
    return (uint32_t)avx2_horizontal_sum(sums);  // upper halves are zero
}

void avx2_normalize(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                    egg_out_rows out) {
    int32_t padded = egg_padded(width);
    uint64_t width_reciprocal = egg_width_reciprocal(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *in = x.data + row * x.stride, *g = gain.data + row * gain.stride;
        int8_t *result = out.data + row * out.stride;
        egg_divisor divisor =
            egg_make_divisor(egg_mean_magnitude(avx2_magnitude_sum(padded, in), width_reciprocal));
        __m256i factor = _mm256_set1_epi16(divisor.reciprocal);
        __m128i shift = _mm_cvtsi32_si128(divisor.shift);
        for (int32_t i = 0; i < padded; i += 16) {
            // |x·g| <= 127², so twice that plus one fits.
            __m256i v = _mm256_mullo_epi16(avx2_load_wide(in + i), avx2_load_wide(g + i));
            __m256i odd = _mm256_or_si256(_mm256_add_epi16(v, v), _mm256_set1_epi16(1));
            avx2_store_clipped(_mm256_sra_epi16(_mm256_mulhi_epi16(odd, factor), shift),
                               result + i);
        }
    }
}

/// clip(a + b + c) of 16 elements.
static inline __m256i avx2_clipped_sum(const int8_t *a, const int8_t *b, const int8_t *c) {
    __m256i sum = _mm256_add_epi16(_mm256_add_epi16(avx2_load_wide(a), avx2_load_wide(b)),
                                   avx2_load_wide(c));
    sum = _mm256_min_epi16(sum, _mm256_set1_epi16(127));
    return _mm256_max_epi16(sum, _mm256_set1_epi16(-127));
}

void avx2_update_state(int32_t rows, int32_t width, egg_const_rows from_input,
                       egg_const_rows from_state, egg_const_rows bias, egg_const_rows f,
                       egg_out_rows state, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *input = from_input.data + row * from_input.stride;
        const int8_t *recurrent = from_state.data + row * from_state.stride;
        const int8_t *b = bias.data + row * bias.stride, *gate = f.data + row * f.stride;
        int8_t *s = state.data + row * state.stride, *residual = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i += 16) {
            __m256i h = avx2_clipped_sum(input + i, recurrent + i, b + i);
            __m256i old = avx2_load_wide(s + i);
            // (f + 127)·(h - s) reaches 64516: doubled and times 128, its upper half is it >> 8.
            __m256i openness =
                _mm256_add_epi16(avx2_load_wide(gate + i), _mm256_set1_epi16(127));
            __m256i distance = _mm256_slli_epi16(_mm256_sub_epi16(h, old), 7);
            __m256i change = _mm256_mulhi_epi16(_mm256_add_epi16(openness, openness), distance);
            __m256i moved = _mm256_add_epi16(old, change);
            avx2_store_clipped(_mm256_add_epi16(moved, avx2_load_wide(residual + i)), residual + i);
            avx2_store_clipped(moved, s + i);
        }
    }
}

EGG_TARGET_END
#endif
