// x·B of the rows of a block, by products of unsigned and signed bytes.
// Include inside EGG_TARGET_BEGIN, after the epilogue.
#ifndef EGG_VNNI_FACTORS_H
#define EGG_VNNI_FACTORS_H

/// Four elements from `first` on, the last one repeated where there are fewer.
EGG_INLINE __m128i vnni_load_four(const int32_t *values, int32_t first, int32_t count) {
    if (first + 4 <= count) return _mm_loadu_si128((const __m128i *)(values + first));
    int32_t four[4];
    for (int i = 0; i < 4; i++) four[i] = values[first + i < count ? first + i : count - 1];
    return _mm_loadu_si128((const __m128i *)four);
}

/// The factors of one term of rows first..<first + 4 (see vnni_factors) and, where `offsets` is given,
/// -128·Σx of each: what the sum of x·(w + 128) is too large by.
///
/// The bytes of B are moved up by 128 to be unsigned: x·(B + 128) - 128·Σx, each part at most
/// 255·127·inputs < 2^30 for inputs <= 16383.
EGG_INLINE void vnni_make_term(const vnni_epilogue *e, const egg_product *p, egg_rows rows,
                               int32_t first, int32_t term, int32_t *factors, int32_t *offsets) {
    const int8_t *x[factor_rows], *b[factor_rows];
    vector moved[factor_rows], offset[factor_rows];
    int perturbed = e->form != noise_none;
    for (int r = 0; r < factor_rows; r++) {
        int32_t row = first + r < rows.count ? first + r : rows.count - 1;
        x[r] = p->x + row * p->x_stride;
        b[r] = perturbed ? p->noise.b + (rows.pair[row] * e->rank + term) * p->noise.b_stride : x[r];
        moved[r] = offset[r] = v_zero();
    }
    const vector top = v_set8(-128);  // 128 as an unsigned byte
    int32_t padded = egg_padded(p->inputs);
    for (int32_t i = 0; i < padded; i += vector_bytes) {
        for (int r = 0; r < factor_rows; r++) {
            vector v = v_load(x[r] + i);
            offset[r] = v_dot8(offset[r], top, v);
            if (perturbed) moved[r] = v_dot8(moved[r], v_xor(v_load(b[r] + i), top), v);
        }
    }
    __m128i total = v_sums32(offset[0], offset[1], offset[2], offset[3]);
    if (offsets != NULL)
        _mm_storeu_si128((__m128i *)(offsets + first), _mm_sub_epi32(_mm_setzero_si128(), total));
    if (!perturbed) return;
    __m128i along_b = _mm_sub_epi32(v_sums32(moved[0], moved[1], moved[2], moved[3]), total);
    along_b = _mm_sign_epi32(along_b, vnni_load_four(rows.sign, first, rows.count));
    _mm_storeu_si128((__m128i *)(factors + first), vnni_factors(e->form, along_b));
}

/// The factors of all terms of rows first..<first + 4, and their offsets.
EGG_INLINE void vnni_make_factors(const vnni_epilogue *e, const egg_product *p, egg_rows rows,
                                  int32_t first, int32_t *factors, int32_t *offsets) {
    vnni_make_term(e, p, rows, first, 0, factors, offsets);
    if (e->form == noise_none) return;
    for (int32_t k = 1; k < e->rank; k++)
        vnni_make_term(e, p, rows, first, k, factors + k * e->next_factors, NULL);
}

#endif
