// Int16 to bytes. Include inside EGG_TARGET_BEGIN.
#ifndef EGG_AVX512_NARROW_H
#define EGG_AVX512_NARROW_H

/// Two vectors of Int16 as 64 bytes in order, saturating, without -128.
EGG_INLINE __m512i avx512_narrow_clipped(const __m512i halves[2]) {
    __m512i bytes = _mm512_packs_epi16(halves[0], halves[1]);
    bytes = _mm512_max_epi8(bytes, _mm512_set1_epi8(-127));
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), bytes);
}

#endif
