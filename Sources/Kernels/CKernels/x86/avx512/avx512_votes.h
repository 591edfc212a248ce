// The factors of votes as the VNNI and AMX products read them.
// Include inside EGG_TARGET_BEGIN.
#ifndef EGG_AVX512_VOTES_H
#define EGG_AVX512_VOTES_H

#include "avx512_narrow.h"

enum {
    vote_group = 4,                                  // pairs whose products one Int32 sums at once
    most_vote_groups = EGG_VOTE_PAIRS / vote_group,
};

/// clip((a·fitness + half) >> shift) of 64 elements.
EGG_INLINE __m512i avx512_scaled(const int8_t *a, int8_t fitness, int32_t shift) {
    __m512i half = _mm512_set1_epi16((int16_t)(shift > 0 ? 1 << (shift - 1) : 0));
    __m512i factor = _mm512_set1_epi16(fitness), by = _mm512_set1_epi16((int16_t)shift);
    __m512i parts[2];
    for (int i = 0; i < 2; i++) {
        __m512i wide = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(a + 32 * i)));
        // |a·fitness| + half <= 127² + 64 fits Int16.
        wide = _mm512_add_epi16(_mm512_mullo_epi16(wide, factor), half);
        parts[i] = _mm512_srav_epi16(wide, by);
    }
    return avx512_narrow_clipped(parts);
}

/// Lane l of out[i] is lane i of in[l].
EGG_INLINE void avx512_exchange_lanes(const __m512i in[4], __m512i out[4]) {
    __m512i first01 = _mm512_shuffle_i32x4(in[0], in[1], 0x44);
    __m512i first23 = _mm512_shuffle_i32x4(in[2], in[3], 0x44);
    __m512i last01 = _mm512_shuffle_i32x4(in[0], in[1], 0xEE);
    __m512i last23 = _mm512_shuffle_i32x4(in[2], in[3], 0xEE);
    out[0] = _mm512_shuffle_i32x4(first01, first23, 0x88);
    out[1] = _mm512_shuffle_i32x4(first01, first23, 0xDD);
    out[2] = _mm512_shuffle_i32x4(last01, last23, 0x88);
    out[3] = _mm512_shuffle_i32x4(last01, last23, 0xDD);
}

/// Groups the bytes of four rows: Int32 i of result v is byte 16·v + i of each row.
EGG_INLINE void avx512_group_rows(const __m512i rows[4], __m512i out[4]) {
    __m512i low01 = _mm512_unpacklo_epi8(rows[0], rows[1]);
    __m512i high01 = _mm512_unpackhi_epi8(rows[0], rows[1]);
    __m512i low23 = _mm512_unpacklo_epi8(rows[2], rows[3]);
    __m512i high23 = _mm512_unpackhi_epi8(rows[2], rows[3]);
    // Lane l of the quarter q holds bytes 16·l + 4·q...; the lanes and quarters change places.
    __m512i quarters[4] = {
        _mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
        _mm512_unpacklo_epi16(high01, high23), _mm512_unpackhi_epi16(high01, high23)};
    avx512_exchange_lanes(quarters, out);
}

/// A' of the pairs of a group, 64 rows of the tensor; zero where there is no pair.
EGG_INLINE void avx512_left_group(int32_t group, int32_t pairs, egg_const_rows a,
                                  const int8_t *fitness, int32_t shift, __m512i out[4]) {
    __m512i rows[vote_group];
    for (int i = 0; i < vote_group; i++) {
        int32_t pair = group * vote_group + i;
        rows[i] = pair < pairs ? avx512_scaled(a.data + pair * a.stride, fitness[pair], shift)
                               : _mm512_setzero_si512();
    }
    avx512_group_rows(rows, out);
}

/// B of the pairs of a group, 64 columns from `column` on; zero where there is no pair.
EGG_INLINE void avx512_right_group(int32_t group, int32_t pairs, egg_const_rows b, int32_t column,
                                   __m512i out[4]) {
    __m512i rows[vote_group];
    for (int i = 0; i < vote_group; i++) {
        int32_t pair = group * vote_group + i;
        rows[i] = pair < pairs ? _mm512_loadu_si512(b.data + pair * b.stride + column)
                               : _mm512_setzero_si512();
    }
    avx512_group_rows(rows, out);
}

/// Adds rows of 32 sums to rows of e, of which `columns` are left.
EGG_INLINE void avx512_add_votes(int32_t rows, int32_t columns, const int32_t *sums, int32_t *e,
                                 ptrdiff_t e_stride) {
    for (int half = 0; half < 2 && columns > 16 * half; half++) {
        int32_t left = columns - 16 * half;
        __mmask16 mask = (__mmask16)(left >= 16 ? 0xFFFF : (1 << left) - 1);
        for (int32_t row = 0; row < rows; row++) {
            int32_t *out = e + row * e_stride + 16 * half;
            __m512i old = _mm512_maskz_loadu_epi32(mask, out);
            __m512i sum = _mm512_loadu_si512(sums + row * 32 + 16 * half);
            _mm512_mask_storeu_epi32(out, mask, _mm512_add_epi32(old, sum));
        }
    }
}

#endif
