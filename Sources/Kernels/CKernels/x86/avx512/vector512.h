// Vectors of 512 bits for the code that is written once for two widths: vnni_*.h. The functions are
// named by element width; include inside EGG_TARGET_BEGIN.
#ifndef EGG_VECTOR_H
#define EGG_VECTOR_H

typedef __m512i vector;

enum {
    vector_bytes = 64,
    vector_lanes = 4,   // of 128 bits
    tile_rows = 12,     // rows of a register tile: 12 × 2 accumulators, 2 weights, 1 broadcast
    roofline_chains = 16,  // independent sums of a roofline
};

EGG_INLINE vector v_load(const void *p) { return _mm512_loadu_si512(p); }
EGG_INLINE void v_store(void *p, vector v) { _mm512_storeu_si512(p, v); }
EGG_INLINE vector v_zero(void) { return _mm512_setzero_si512(); }
EGG_INLINE vector v_set8(int8_t x) { return _mm512_set1_epi8(x); }
EGG_INLINE vector v_set16(int16_t x) { return _mm512_set1_epi16(x); }
EGG_INLINE vector v_set32(int32_t x) { return _mm512_set1_epi32(x); }
EGG_INLINE vector v_xor(vector a, vector b) { return _mm512_xor_si512(a, b); }
EGG_INLINE vector v_or(vector a, vector b) { return _mm512_or_si512(a, b); }
EGG_INLINE vector v_add32(vector a, vector b) { return _mm512_add_epi32(a, b); }
EGG_INLINE vector v_sub32(vector a, vector b) { return _mm512_sub_epi32(a, b); }
EGG_INLINE vector v_multiply32(vector a, vector b) { return _mm512_mullo_epi32(a, b); }
EGG_INLINE vector v_shift_left32(vector a, vector n) { return _mm512_sllv_epi32(a, n); }
EGG_INLINE vector v_shift_right32(vector a, vector n) { return _mm512_srav_epi32(a, n); }
EGG_INLINE vector v_shift_right16(vector a, int n) {
    return _mm512_srav_epi16(a, _mm512_set1_epi16((int16_t)n));
}
EGG_INLINE vector v_pack32(vector a, vector b) { return _mm512_packs_epi32(a, b); }
EGG_INLINE vector v_pack16(vector a, vector b) { return _mm512_packs_epi16(a, b); }
EGG_INLINE vector v_max8(vector a, vector b) { return _mm512_max_epi8(a, b); }
EGG_INLINE vector v_multiply_high16(vector a, vector b) { return _mm512_mulhi_epi16(a, b); }
EGG_INLINE vector v_up8_16(vector a) { return _mm512_slli_epi16(a, 8); }
EGG_INLINE vector v_sign16(vector a) { return _mm512_srai_epi16(a, 15); }
EGG_INLINE vector v_low16(vector a, vector b) { return _mm512_unpacklo_epi16(a, b); }
EGG_INLINE vector v_high16(vector a, vector b) { return _mm512_unpackhi_epi16(a, b); }

/// sums + Σ of 4 products of unsigned and signed bytes; exact, nothing saturates.
EGG_INLINE vector v_dot8(vector sums, vector unsigned_bytes, vector signed_bytes) {
    return _mm512_dpbusd_epi32(sums, unsigned_bytes, signed_bytes);
}

/// sums + Σ of 2 products of Int16; exact, nothing saturates.
EGG_INLINE vector v_dot16(vector sums, vector a, vector b) {
    return _mm512_dpwssd_epi32(sums, a, b);
}

/// 32 bytes as Int16.
EGG_INLINE vector v_widen8(const void *p) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p));
}

/// Where v_store_rows takes its 8 bytes from. Hidden, as the compiler makes five shuffles of its one
/// if it knows them.
EGG_INLINE vector v_row_order(void) {
    vector order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    EGG_HIDE_VECTOR(order);
    return order;
}

/// Stores the lower 8 bytes of each lane as one row and the upper 8 as another.
EGG_INLINE void v_store_rows(vector order, vector v, void *lower, void *upper) {
    v = _mm512_permutexvar_epi64(order, v);
    _mm256_storeu_si256((__m256i *)lower, _mm512_castsi512_si256(v));
    _mm256_storeu_si256((__m256i *)upper, _mm512_extracti64x4_epi64(v, 1));
}

/// The sums of the elements of four vectors.
EGG_INLINE __m128i v_sums32(vector a, vector b, vector c, vector d) {
    vector ab = v_add32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    vector cd = v_add32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    vector each = v_add32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(each),
                                    _mm512_extracti64x4_epi64(each, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

#endif
