// Operations on rows of the AVX-512 and AMX kernels: normalization, gate, update of the state, sum.
//
// Bytes are multiplied where they lie, those at even and those at odd places apart, which takes no
// shuffles. vpmaddubsw saturates sums of two products only; here one of the two is always zero.
#if defined(__x86_64__)
#include "avx512.h"
#include "../../portable/floor_division.h"

EGG_TARGET_BEGIN(EGG_AVX512)
#include "avx512_narrow.h"
#include "vector512.h"

EGG_INLINE __m512i avx512_at_least_127(__m512i bytes) {
    return _mm512_max_epi8(bytes, _mm512_set1_epi8(-127));
}

// MARK: normalization

/// Σ|x| of four rows, of which `count` are there.
EGG_INLINE void avx512_magnitude_sums(int32_t count, int32_t padded, egg_const_rows x,
                                      uint32_t sums[4]) {
    __m512i totals[4];
    const int8_t *in[4];
    for (int r = 0; r < 4; r++) {
        totals[r] = _mm512_setzero_si512();
        in[r] = x.data + (r < count ? r : 0) * x.stride;
    }
    for (int32_t i = 0; i < padded; i += 64)
        for (int r = 0; r < 4; r++) {
            __m512i magnitudes = _mm512_abs_epi8(_mm512_loadu_si512(in[r] + i));
            totals[r] = _mm512_dpbusd_epi32(totals[r], magnitudes, _mm512_set1_epi8(1));
        }
    _mm_storeu_si128((__m128i *)sums, v_sums32(totals[0], totals[1], totals[2], totals[3]));
}

/// clip(floor(x·g / divisor)) of a row.
EGG_INLINE void avx512_normalize_row(int32_t padded, const int8_t *x, const int8_t *gain,
                                     egg_divisor divisor, int8_t *out) {
    __m512i reciprocal = _mm512_set1_epi16(divisor.reciprocal);
    __m512i shift = _mm512_set1_epi16(divisor.shift);
    for (int32_t i = 0; i < padded; i += 64) {
        __m512i quotients[2];
        for (int half = 0; half < 2; half++) {
            // |x·g| <= 127², so twice that plus one fits.
            __m512i v = _mm512_mullo_epi16(v_widen8(x + i + 32 * half),
                                           v_widen8(gain + i + 32 * half));
            __m512i odd = _mm512_or_si512(_mm512_add_epi16(v, v), _mm512_set1_epi16(1));
            quotients[half] = _mm512_srav_epi16(_mm512_mulhi_epi16(odd, reciprocal), shift);
        }
        _mm512_storeu_si512(out + i, avx512_narrow_clipped(quotients));
    }
}

void avx512_normalize(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                      egg_out_rows out) {
    int32_t padded = egg_padded(width);
    uint64_t width_reciprocal = egg_width_reciprocal(width);
    for (int32_t first = 0; first < rows; first += 4) {
        int32_t count = rows - first < 4 ? rows - first : 4;
        uint32_t sums[4];
        avx512_magnitude_sums(count, padded,
                              (egg_const_rows){x.data + first * x.stride, x.stride}, sums);
        for (int32_t row = first; row < first + count; row++) {
            int32_t mean = egg_mean_magnitude(sums[row - first], width_reciprocal);
            avx512_normalize_row(padded, x.data + row * x.stride, gain.data + row * gain.stride,
                                 egg_make_divisor(mean), out.data + row * out.stride);
        }
    }
}

// MARK: bytes

/// Int16 of the bytes at even and at odd places.
typedef struct {
    __m512i even, odd;
} avx512_halves;

/// The lower bytes of `even` and the upper ones of `odd`.
EGG_INLINE __m512i avx512_merge(avx512_halves v) {
    return _mm512_mask_mov_epi8(v.even, UINT64_C(0xAAAAAAAAAAAAAAAA), v.odd);
}

/// Products of unsigned bytes up to 254 and signed ones in [-127, 127]: |product| <= 32258.
EGG_INLINE avx512_halves avx512_multiply_bytes(__m512i u, __m512i s) {
    const __m512i even = _mm512_set1_epi16(0xFF);
    return (avx512_halves){_mm512_maddubs_epi16(_mm512_and_si512(even, u), s),
                           _mm512_maddubs_epi16(_mm512_andnot_si512(even, u), s)};
}

/// clip(a + b + c). What a + b is beyond a byte is a byte itself; it goes to c, whose sum with it may
/// saturate, as then the total does.
EGG_INLINE __m512i avx512_clipped_sum(const int8_t *a, const int8_t *b, const int8_t *c) {
    __m512i first = _mm512_loadu_si512(a), second = _mm512_loadu_si512(b);
    __m512i sum = _mm512_adds_epi8(first, second);
    __m512i beyond = _mm512_sub_epi8(_mm512_add_epi8(first, second), sum);
    __m512i rest = _mm512_adds_epi8(_mm512_loadu_si512(c), beyond);
    return avx512_at_least_127(_mm512_adds_epi8(sum, rest));
}

/// A table of 256 bytes as Int16 in registers.
typedef struct {
    __m512i words[4];
} avx512_table;

EGG_INLINE avx512_table avx512_load_table(const int8_t *table) {
    avx512_table result;
    for (int i = 0; i < 4; i++)
        result.words[i] =
            table == NULL ? _mm512_setzero_si512() : _mm512_loadu_si512(table + 64 * i);
    return result;
}

/// Words of the table by indices 0...127.
EGG_INLINE __m512i avx512_table_words(const avx512_table *table, __m512i index) {
    __m512i lower = _mm512_permutex2var_epi16(table->words[0], index, table->words[1]);
    __m512i upper = _mm512_permutex2var_epi16(table->words[2], index, table->words[3]);
    __mmask32 is_upper = _mm512_test_epi16_mask(index, _mm512_set1_epi16(0x40));
    return _mm512_mask_blend_epi16(is_upper, lower, upper);
}

/// Values through a table of the inputs -128...127.
EGG_INLINE __m512i avx512_look_up(const avx512_table *table, __m512i values) {
    const __m512i eight = _mm512_set1_epi16(8);
    __m512i index = _mm512_xor_si512(values, _mm512_set1_epi8(-128));
    __m512i even = _mm512_and_si512(_mm512_srli_epi16(index, 1), _mm512_set1_epi16(0x7F));
    __m512i odd = _mm512_srli_epi16(index, 9);
    // 8 where the lowest bit of an index asks for the upper byte of its word.
    __m512i even_upper = _mm512_and_si512(_mm512_slli_epi16(index, 3), eight);
    __m512i odd_lower = _mm512_andnot_si512(_mm512_srli_epi16(index, 5), eight);
    return avx512_merge((avx512_halves){
        _mm512_srlv_epi16(avx512_table_words(table, even), even_upper),
        _mm512_sllv_epi16(avx512_table_words(table, odd), odd_lower)});
}

// MARK: gate and state

void avx512_gate(int32_t rows, int32_t width, egg_const_rows from_input, egg_const_rows from_state,
                 egg_const_rows bias, const int8_t *table, egg_const_rows state, egg_out_rows f,
                 egg_out_rows gated) {
    const avx512_table words = avx512_load_table(table);
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *input = from_input.data + row * from_input.stride;
        const int8_t *recurrent = from_state.data + row * from_state.stride;
        const int8_t *b = bias.data + row * bias.stride, *s = state.data + row * state.stride;
        int8_t *gate = f.data + row * f.stride, *result = gated.data + row * gated.stride;
        for (int32_t i = 0; i < padded; i += 64) {
            __m512i v = avx512_clipped_sum(input + i, recurrent + i, b + i);
            if (table != NULL) v = avx512_look_up(&words, v);
            _mm512_storeu_si512(gate + i, v);
            __m512i openness = _mm512_add_epi8(v, _mm512_set1_epi8(127));
            avx512_halves products = avx512_multiply_bytes(openness, _mm512_loadu_si512(s + i));
            products.even = _mm512_srli_epi16(products.even, 8);
            _mm512_storeu_si512(result + i, avx512_merge(products));
        }
    }
}

/// ((u·h) - (u·s)) >> 8 in its lowest 8 bits. The difference takes 17 bits: the average of u·h and
/// of the complement of u·s, both moved up to be unsigned, is half of it, moved up.
EGG_INLINE __m512i avx512_change(__m512i u, __m512i h, __m512i s) {
    const __m512i top = _mm512_set1_epi16((int16_t)0x8000), others = _mm512_set1_epi16(0x7FFF);
    avx512_halves to = avx512_multiply_bytes(u, h), from = avx512_multiply_bytes(u, s);
    __m512i even = _mm512_avg_epu16(_mm512_xor_si512(to.even, top),
                                    _mm512_xor_si512(from.even, others));
    __m512i odd =
        _mm512_avg_epu16(_mm512_xor_si512(to.odd, top), _mm512_xor_si512(from.odd, others));
    return avx512_merge(
        (avx512_halves){_mm512_srli_epi16(even, 7), _mm512_add_epi16(odd, odd)});
}

void avx512_update_state(int32_t rows, int32_t width, egg_const_rows from_input,
                         egg_const_rows from_state, egg_const_rows bias, egg_const_rows f,
                         egg_out_rows state, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *input = from_input.data + row * from_input.stride;
        const int8_t *recurrent = from_state.data + row * from_state.stride;
        const int8_t *b = bias.data + row * bias.stride, *gate = f.data + row * f.stride;
        int8_t *s = state.data + row * state.stride, *residual = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i += 64) {
            __m512i h = avx512_clipped_sum(input + i, recurrent + i, b + i);
            __m512i openness =
                _mm512_add_epi8(_mm512_loadu_si512(gate + i), _mm512_set1_epi8(127));
            __m512i old = _mm512_loadu_si512(s + i);
            // Between the old state and h, so that no sum of bytes wraps.
            __m512i moved = _mm512_add_epi8(old, avx512_change(openness, h, old));
            __m512i sum = _mm512_adds_epi8(moved, _mm512_loadu_si512(residual + i));
            _mm512_storeu_si512(s + i, moved);
            _mm512_storeu_si512(residual + i, avx512_at_least_127(sum));
        }
    }
}

void avx512_add(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *in = addend.data + row * addend.stride;
        int8_t *out = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i += 64) {
            __m512i sum = _mm512_adds_epi8(_mm512_loadu_si512(out + i), _mm512_loadu_si512(in + i));
            _mm512_storeu_si512(out + i, avx512_at_least_127(sum));
        }
    }
}

EGG_TARGET_END
#endif
