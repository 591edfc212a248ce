// Intrinsics of AVX-512, VNNI and AMX in plain C, so that kernels can be checked on machines without
// these instructions: SIMDe's, those that some of its versions lack, and tiles of our own. Needs AVX2.
#ifndef EMULATED_X86_H
#define EMULATED_X86_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <stdint.h>
#include <string.h>

#include "emulated_tiles.h"

// MARK: what SIMDe lacks, an element at a time. The compiler's headers and newer versions of SIMDe
// have macros of these names.

/// Defines a function that computes `value` for each element i of its result from the elements of
/// its operands a and b.
#define EMULATED_UNARY(name, element, operand, value)                                \
    static inline __m512i emulated_##name(operand v) {                               \
        element a[64 / sizeof(element)] = {0}, r[64 / sizeof(element)];              \
        memcpy(a, &v, sizeof v);                                                     \
        for (size_t i = 0; i < 64 / sizeof(element); i++) r[i] = (element)(value);   \
        __m512i result;                                                              \
        memcpy(&result, r, sizeof result);                                           \
        return result;                                                               \
    }
#define EMULATED_BINARY(name, element, value)                                        \
    static inline __m512i emulated_##name(__m512i u, __m512i v) {                    \
        element a[64 / sizeof(element)], b[64 / sizeof(element)], r[64 / sizeof(element)]; \
        memcpy(a, &u, sizeof u);                                                     \
        memcpy(b, &v, sizeof v);                                                     \
        for (size_t i = 0; i < 64 / sizeof(element); i++) r[i] = (element)(value);   \
        __m512i result;                                                              \
        memcpy(&result, r, sizeof result);                                           \
        return result;                                                               \
    }

EMULATED_BINARY(srav_epi32, int32_t, a[i] >> ((uint32_t)b[i] > 31 ? 31 : b[i]))
EMULATED_UNARY(cvtepu8_epi32, int32_t, __m128i, ((const uint8_t *)a)[i])
EMULATED_UNARY(cvtepu8_epi16, int16_t, __m256i, ((const uint8_t *)a)[i])

#undef EMULATED_UNARY
#undef EMULATED_BINARY

#undef _mm512_srav_epi32
#define _mm512_srav_epi32(a, b) emulated_srav_epi32(a, b)
#undef _mm512_cvtepu8_epi32
#define _mm512_cvtepu8_epi32(a) emulated_cvtepu8_epi32(a)
#undef _mm512_cvtepu8_epi16
#define _mm512_cvtepu8_epi16(a) emulated_cvtepu8_epi16(a)

static inline __m512i emulated_mask_shuffle_epi32(__m512i source, uint32_t mask, __m512i v,
                                                  uint32_t order) {
    uint32_t a[16], r[16];
    memcpy(a, &v, sizeof v);
    memcpy(r, &source, sizeof source);
    for (uint32_t i = 0; i < 16; i++)
        if (mask >> i & 1) r[i] = a[i / 4 * 4 + (order >> (i % 4 * 2) & 3)];
    memcpy(&source, r, sizeof source);
    return source;
}
#undef _mm512_mask_shuffle_epi32
#define _mm512_mask_shuffle_epi32(s, m, a, o) emulated_mask_shuffle_epi32(s, m, a, o)

static inline __m512i emulated_mask_sub_epi16(__m512i source, uint32_t mask, __m512i u, __m512i v) {
    uint16_t a[32], b[32], r[32];
    memcpy(a, &u, sizeof u);
    memcpy(b, &v, sizeof v);
    memcpy(r, &source, sizeof source);
    for (uint32_t i = 0; i < 32; i++)
        if (mask >> i & 1) r[i] = (uint16_t)(a[i] - b[i]);
    memcpy(&source, r, sizeof source);
    return source;
}
#undef _mm512_mask_sub_epi16
#define _mm512_mask_sub_epi16(s, m, a, b) emulated_mask_sub_epi16(s, m, a, b)

static inline void emulated_mask_storeu_epi8(void *out, uint64_t mask, __m512i v) {
    uint8_t a[64];
    memcpy(a, &v, sizeof v);
    for (uint32_t i = 0; i < 64; i++)
        if (mask >> i & 1) ((uint8_t *)out)[i] = a[i];
}
#undef _mm512_mask_storeu_epi8
#define _mm512_mask_storeu_epi8(p, m, a) emulated_mask_storeu_epi8(p, m, a)

static inline void emulated_mask_storeu_epi32(void *out, uint32_t mask, __m512i v) {
    uint32_t a[16];
    memcpy(a, &v, sizeof v);
    for (uint32_t i = 0; i < 16; i++)
        if (mask >> i & 1) memcpy((uint8_t *)out + 4 * i, &a[i], 4);
}
#undef _mm512_mask_storeu_epi32
#define _mm512_mask_storeu_epi32(p, m, a) emulated_mask_storeu_epi32(p, m, a)

static inline __m512i emulated_maskz_loadu_epi32(uint32_t mask, const void *in) {
    uint32_t r[16] = {0};
    for (uint32_t i = 0; i < 16; i++)
        if (mask >> i & 1) memcpy(&r[i], (const uint8_t *)in + 4 * i, 4);
    __m512i result;
    memcpy(&result, r, sizeof result);
    return result;
}
#undef _mm512_maskz_loadu_epi32
#define _mm512_maskz_loadu_epi32(m, p) emulated_maskz_loadu_epi32(m, p)

// MARK: AVX-VNNI, through the lower half of what SIMDe has for AVX-512

static inline __m256i emulated_dpbusd_avx(__m256i sums, __m256i u, __m256i s) {
    return simde_mm256_dpbusd_epi32(sums, u, s);
}
#undef _mm256_dpbusd_avx_epi32
#define _mm256_dpbusd_avx_epi32(c, a, b) emulated_dpbusd_avx(c, a, b)
#undef _mm256_dpwssd_avx_epi32
#define _mm256_dpwssd_avx_epi32(c, a, b) simde_mm256_dpwssd_epi32(c, a, b)

#endif
