// The matrix product of the AVX2 kernel with its epilogue.
#if defined(__x86_64__)
#include "avx2.h"
#include "floor_division.h"

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)

static const uint8_t avx2_output_slot[tile_outputs] = {0, 1, 2,  3,  8,  9,  10, 11,
                                                       4, 5, 6, 7, 12, 13, 14, 15};

void avx2_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    int16_t *out = packed;
    int32_t input_pairs = avx2_input_pairs(inputs);
    memset(packed, 0, avx2_packed_bytes(outputs, inputs));
    for (int32_t o = 0; o < outputs; o++) {
        int16_t *panel = out + (ptrdiff_t)(o / tile_outputs) * input_pairs * 32;
        int16_t *slot = panel + 2 * avx2_output_slot[o % tile_outputs];
        const int8_t *row = weights + (ptrdiff_t)o * inputs;
        for (int32_t i = 0; i < inputs; i++) slot[i / 2 * 32 + i % 2] = row[i];
    }
}

size_t avx2_product_scratch(int32_t rows, int32_t inputs) {
    return (size_t)rows * ((size_t)egg_padded(inputs) * sizeof(int16_t) + sizeof(int32_t)) + 64;
}

/// Widens a row to Int16; returns x·b where b is given.
static inline int32_t avx2_widen_row(int32_t padded, const int8_t *x, const int8_t *b,
                                     int16_t *wide) {
    __m256i sum = _mm256_setzero_si256();
    for (int32_t i = 0; i < padded; i += 16) {
        __m256i v = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(x + i)));
        _mm256_store_si256((__m256i *)(wide + i), v);
        if (b != NULL) {
            __m256i w = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + i)));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(v, w));
        }
    }
    return avx2_horizontal_sum(sum);
}

/// What the epilogue of a product needs, made once a call.
typedef struct {
    egg_divisor divisor;
    int power_shift;  // log2(root) where root is a power of two, else -1
    int noise_shift;
    int wide_noise;  // x·B·A passes Int32
} avx2_epilogue;

/// (alongB·a) >> shift for 8 of the 16 outputs. Where the product passes Int32, alongB is split
/// into alongB >> 6 and its low 6 bits, which is exact as shift >= 6.
static inline __m256i avx2_rank_one(__m256i a, int32_t along_b, const avx2_epilogue *e) {
    __m128i shift = _mm_cvtsi32_si128(e->noise_shift);
    if (!e->wide_noise)
        return _mm256_sra_epi32(_mm256_mullo_epi32(a, _mm256_set1_epi32(along_b)), shift);
    __m256i low = _mm256_mullo_epi32(a, _mm256_set1_epi32(along_b & 63));
    __m256i high = _mm256_mullo_epi32(a, _mm256_set1_epi32(along_b >> 6));
    __m256i sum = _mm256_add_epi32(high, _mm256_srai_epi32(low, 6));
    return _mm256_sra_epi32(sum, _mm_cvtsi32_si128(e->noise_shift - 6));
}

/// Perturbation, shift, floor division, clip and narrowing of 16 sums.
static inline __m128i avx2_finish(avx2_sums sums, const int8_t *a, int32_t along_b,
                                  const avx2_epilogue *e) {
    if (a != NULL) {
        __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)a));
        __m256i low = _mm256_srai_epi32(_mm256_unpacklo_epi16(wide, wide), 16);
        __m256i high = _mm256_srai_epi32(_mm256_unpackhi_epi16(wide, wide), 16);
        sums.low = _mm256_add_epi32(sums.low, avx2_rank_one(low, along_b, e));
        sums.high = _mm256_add_epi32(sums.high, avx2_rank_one(high, along_b, e));
    }
    __m256i v = _mm256_packs_epi32(_mm256_srai_epi32(sums.low, 4), _mm256_srai_epi32(sums.high, 4));
    if (e->power_shift >= 0) {
        v = _mm256_sra_epi16(v, _mm_cvtsi32_si128(e->power_shift));
    } else {
        int16_t d = e->divisor.divisor;
        v = _mm256_min_epi16(v, _mm256_set1_epi16((int16_t)(128 * d - 1)));
        v = _mm256_max_epi16(v, _mm256_set1_epi16((int16_t)(-127 * d)));
        v = _mm256_add_epi16(v, _mm256_set1_epi16((int16_t)(128 * d)));
        v = _mm256_mulhi_epu16(_mm256_add_epi16(v, v),
                               _mm256_set1_epi16((int16_t)e->divisor.reciprocal));
        v = _mm256_srl_epi16(v, _mm_cvtsi32_si128(e->divisor.shift));
        v = _mm256_sub_epi16(v, _mm256_set1_epi16(128));
    }
    v = _mm256_max_epi16(v, _mm256_set1_epi16(-127));
    __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(v, v), 0x08);
    return _mm256_castsi256_si128(bytes);
}

static inline __attribute__((always_inline)) void avx2_product_tile(
    int count, const egg_product *p, egg_rows rows, int32_t first_row, int32_t panel,
    const int16_t *wide, const int32_t *along_b, const avx2_epilogue *e) {
    int32_t input_pairs = avx2_input_pairs(p->inputs);
    ptrdiff_t wide_step = egg_padded(p->inputs);
    avx2_sums sums[tile_rows];
    const avx2_factors *x[tile_rows];
    for (int r = 0; r < count; r++) {
        sums[r].low = sums[r].high = _mm256_setzero_si256();
        x[r] = avx2_row_pointer(wide + (first_row + r) * wide_step);
    }
    avx2_tile(count, input_pairs, x, 1,
              (const int16_t *)p->weights + (ptrdiff_t)panel * input_pairs * 32, sums);
    for (int r = 0; r < count; r++) {
        int32_t row = first_row + r;
        const int8_t *a = p->noise.a == NULL ? NULL
                                             : p->noise.a + rows.pair[row] * p->noise.a_stride +
                                                   panel * tile_outputs;
        __m128i bytes = avx2_finish(sums[r], a, along_b[row], e);
        _mm_storeu_si128((__m128i *)(p->out + row * p->out_stride + panel * tile_outputs), bytes);
    }
}

void avx2_product(const egg_product *p, egg_rows rows, void *scratch) {
    int32_t padded = egg_padded(p->inputs);
    int16_t *wide = scratch;
    int32_t *along_b = (int32_t *)(wide + (ptrdiff_t)rows.count * padded);
    for (int32_t row = 0; row < rows.count; row++) {
        const int8_t *b =
            p->noise.a == NULL ? NULL : p->noise.b + rows.pair[row] * p->noise.b_stride;
        int32_t dot = avx2_widen_row(padded, p->x + row * p->x_stride, b, wide + row * padded);
        along_b[row] = p->noise.a == NULL ? 0 : rows.sign[row] * dot;
    }
    int root_is_power = (p->root & (p->root - 1)) == 0;
    avx2_epilogue e = {
        .divisor = egg_make_divisor(p->root),
        .power_shift = root_is_power ? __builtin_ctz((unsigned)p->root) : -1,
        .noise_shift = p->noise.shift,
        .wide_noise = (int64_t)p->inputs * 127 * 127 * 127 > INT32_MAX,
    };
    for (int32_t panel = 0; panel < avx2_panels(p->outputs); panel++) {
        int32_t row = 0;
        for (; row + tile_rows <= rows.count; row += tile_rows)
            avx2_product_tile(tile_rows, p, rows, row, panel, wide, along_b, &e);
        for (; row + 2 <= rows.count; row += 2)
            avx2_product_tile(2, p, rows, row, panel, wide, along_b, &e);
        for (; row < rows.count; row++)
            avx2_product_tile(1, p, rows, row, panel, wide, along_b, &e);
    }
}

#pragma clang attribute pop
#endif
