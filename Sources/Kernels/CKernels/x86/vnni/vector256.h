// Vectors of 256 bits for the code that is written once for two widths: vnni_*.h. The functions are
// named by element width; include inside EGG_TARGET_BEGIN.
#ifndef EGG_VECTOR_H
#define EGG_VECTOR_H

typedef __m256i vector;

enum {
    vector_bytes = 32,
    vector_lanes = 2,  // of 128 bits
    tile_rows = 6,     // rows of a register tile: 6 × 2 accumulators, 2 weights, 1 broadcast
    roofline_chains = 12,  // independent sums of a roofline
};

EGG_INLINE vector v_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
EGG_INLINE void v_store(void *p, vector v) { _mm256_storeu_si256((__m256i *)p, v); }
EGG_INLINE vector v_zero(void) { return _mm256_setzero_si256(); }
EGG_INLINE vector v_set8(int8_t x) { return _mm256_set1_epi8(x); }
EGG_INLINE vector v_set16(int16_t x) { return _mm256_set1_epi16(x); }
EGG_INLINE vector v_set32(int32_t x) { return _mm256_set1_epi32(x); }
EGG_INLINE vector v_xor(vector a, vector b) { return _mm256_xor_si256(a, b); }
EGG_INLINE vector v_or(vector a, vector b) { return _mm256_or_si256(a, b); }
EGG_INLINE vector v_add32(vector a, vector b) { return _mm256_add_epi32(a, b); }
EGG_INLINE vector v_sub32(vector a, vector b) { return _mm256_sub_epi32(a, b); }
EGG_INLINE vector v_multiply32(vector a, vector b) { return _mm256_mullo_epi32(a, b); }
EGG_INLINE vector v_shift_left32(vector a, vector n) { return _mm256_sllv_epi32(a, n); }
EGG_INLINE vector v_shift_right32(vector a, vector n) { return _mm256_srav_epi32(a, n); }
EGG_INLINE vector v_shift_right16(vector a, int n) {
    return _mm256_sra_epi16(a, _mm_cvtsi32_si128(n));
}
EGG_INLINE vector v_pack32(vector a, vector b) { return _mm256_packs_epi32(a, b); }
EGG_INLINE vector v_pack16(vector a, vector b) { return _mm256_packs_epi16(a, b); }
EGG_INLINE vector v_max8(vector a, vector b) { return _mm256_max_epi8(a, b); }
EGG_INLINE vector v_multiply_high16(vector a, vector b) { return _mm256_mulhi_epi16(a, b); }
EGG_INLINE vector v_up8_16(vector a) { return _mm256_slli_epi16(a, 8); }
EGG_INLINE vector v_sign16(vector a) { return _mm256_srai_epi16(a, 15); }
EGG_INLINE vector v_low16(vector a, vector b) { return _mm256_unpacklo_epi16(a, b); }
EGG_INLINE vector v_high16(vector a, vector b) { return _mm256_unpackhi_epi16(a, b); }

/// sums + Σ of 4 products of unsigned and signed bytes; exact, nothing saturates.
EGG_INLINE vector v_dot8(vector sums, vector unsigned_bytes, vector signed_bytes) {
    return _mm256_dpbusd_avx_epi32(sums, unsigned_bytes, signed_bytes);
}

/// sums + Σ of 2 products of Int16; exact, nothing saturates.
EGG_INLINE vector v_dot16(vector sums, vector a, vector b) {
    return _mm256_dpwssd_avx_epi32(sums, a, b);
}

/// 16 bytes as Int16.
EGG_INLINE vector v_widen8(const void *p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}

/// Not needed: the order of v_store_rows is part of an instruction.
EGG_INLINE vector v_row_order(void) { return v_zero(); }

/// Stores the lower 8 bytes of each lane as one row and the upper 8 as another.
EGG_INLINE void v_store_rows(vector order, vector v, void *lower, void *upper) {
    (void)order;
    v = _mm256_permute4x64_epi64(v, 0xD8);
    _mm_storeu_si128((__m128i *)lower, _mm256_castsi256_si128(v));
    _mm_storeu_si128((__m128i *)upper, _mm256_extracti128_si256(v, 1));
}

/// The sums of the elements of four vectors.
EGG_INLINE __m128i v_sums32(vector a, vector b, vector c, vector d) {
    vector ab = v_add32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    vector cd = v_add32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    vector each = v_add32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
    return _mm_add_epi32(_mm256_castsi256_si128(each), _mm256_extracti128_si256(each, 1));
}

#endif
