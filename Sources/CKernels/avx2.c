// The kernel for AVX2: Int16 products by vpmaddwd (exact; no saturation can occur).
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)

#define EGG_NAME(x) avx2_##x
#include "elementwise.h"

enum {
    tile_rows = 6,   // rows of a register tile: 6 × 2 accumulators, 2 weights, 1 broadcast
    tile_outputs = 16,  // outputs of a panel
};

// MARK: packing

static inline int32_t avx2_panels(int32_t outputs) {
    return (outputs + tile_outputs - 1) / tile_outputs;
}

static inline int32_t avx2_input_pairs(int32_t inputs) { return (inputs + 1) / 2; }

/// Panels of 16 outputs: [panel][input pair][16][2] Int16. The first vector of an input pair holds
/// outputs 0-3 and 8-11, the second 4-7 and 12-15, so that packing two Int32 vectors to Int16
/// restores the order.
static size_t avx2_packed_bytes(int32_t outputs, int32_t inputs) {
    return (size_t)avx2_panels(outputs) * (size_t)avx2_input_pairs(inputs) * 64;
}

static const uint8_t avx2_output_slot[tile_outputs] = {0, 1, 2,  3,  8,  9,  10, 11,
                                                       4, 5, 6, 7, 12, 13, 14, 15};

static void avx2_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
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

// MARK: the register tile

typedef struct {
    __m256i low, high;  // the two vectors of a panel
} avx2_sums;

/// Two Int16 factors as a vector lane holds them.
typedef int32_t __attribute__((may_alias)) avx2_factors;

/// A row's factors through a pointer of its own: the compiler must not see that the rows lie a
/// constant stride apart, or it fills the loop of the tile with address arithmetic.
static inline const avx2_factors *avx2_row_pointer(const void *row) {
    __asm__("" : "+r"(row));
    return row;
}

/// sums[r] += Σ_k x[r][k·step] ⊗ panel[k] over pairs of inputs. Not unrolled: that would take more
/// registers than there are.
static inline __attribute__((always_inline)) void avx2_tile(int rows, int32_t input_pairs,
                                                            const avx2_factors *const *x,
                                                            ptrdiff_t step, const int16_t *panel,
                                                            avx2_sums *sums) {
#pragma clang loop unroll(disable)
    for (ptrdiff_t k = 0; k < input_pairs; k++) {
        __m256i low = _mm256_load_si256((const __m256i *)(panel + 32 * k));
        __m256i high = _mm256_load_si256((const __m256i *)(panel + 32 * k + 16));
        for (int r = 0; r < rows; r++) {
            __m256i broadcast = _mm256_set1_epi32(x[r][k * step]);
            sums[r].low = _mm256_add_epi32(sums[r].low, _mm256_madd_epi16(broadcast, low));
            sums[r].high = _mm256_add_epi32(sums[r].high, _mm256_madd_epi16(broadcast, high));
        }
    }
}

// MARK: product

static size_t avx2_product_scratch(int32_t rows, int32_t inputs) {
    return (size_t)rows * ((size_t)avx2_padded(inputs) * sizeof(int16_t) + sizeof(int32_t)) + 64;
}

static inline int32_t avx2_horizontal_sum(__m256i v) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
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
    ptrdiff_t wide_step = avx2_padded(p->inputs);
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

static void avx2_product(const egg_product *p, egg_rows rows, void *scratch) {
    int32_t padded = avx2_padded(p->inputs);
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

// MARK: log-likelihood

/// Σ EXP2[y] of 32 logits: the mantissa of each is looked up byte by byte, widened and shifted.
static inline __m256i avx2_exp2_sum(__m256i y, const __m256i mantissa_bytes[3]) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i remainder = _mm256_and_si256(y, _mm256_set1_epi8(15));
    __m256i exponent = _mm256_and_si256(_mm256_srli_epi16(y, 4), _mm256_set1_epi8(15));
    __m256i shift = _mm256_sub_epi8(_mm256_set1_epi8(15), exponent);
    __m256i b0 = _mm256_shuffle_epi8(mantissa_bytes[0], remainder);
    __m256i b1 = _mm256_shuffle_epi8(mantissa_bytes[1], remainder);
    __m256i b2 = _mm256_shuffle_epi8(mantissa_bytes[2], remainder);
    __m256i sum = zero;
    for (int half = 0; half < 2; half++) {
        __m256i low = half ? _mm256_unpackhi_epi8(b0, b1) : _mm256_unpacklo_epi8(b0, b1);
        __m256i high = half ? _mm256_unpackhi_epi8(b2, zero) : _mm256_unpacklo_epi8(b2, zero);
        __m256i by = half ? _mm256_unpackhi_epi8(shift, zero) : _mm256_unpacklo_epi8(shift, zero);
        __m256i first = _mm256_srlv_epi32(_mm256_unpacklo_epi16(low, high),
                                          _mm256_unpacklo_epi16(by, zero));
        __m256i second = _mm256_srlv_epi32(_mm256_unpackhi_epi16(low, high),
                                           _mm256_unpackhi_epi16(by, zero));
        sum = _mm256_add_epi32(sum, _mm256_add_epi32(first, second));
    }
    return sum;
}

static void avx2_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                                const uint8_t *targets, ptrdiff_t target_stride,
                                const egg_loss_tables *tables, int32_t *scores) {
    __m256i mantissa_bytes[3];
    for (int byte = 0; byte < 3; byte++) {
        uint8_t entries[16];
        for (int i = 0; i < 16; i++) entries[i] = (uint8_t)(tables->mantissas[i] >> (8 * byte));
        mantissa_bytes[byte] =
            _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)entries));
    }
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *y = logits.data + row * logits.stride;
        __m256i sums = _mm256_setzero_si256();
        int32_t v = 0;
        for (; v + 32 <= vocabulary; v += 32) {
            __m256i logit = _mm256_loadu_si256((const __m256i *)(y + v));
            __m256i index = _mm256_xor_si256(logit, _mm256_set1_epi8(-128));
            sums = _mm256_add_epi32(sums, avx2_exp2_sum(index, mantissa_bytes));
        }
        uint32_t sum = (uint32_t)avx2_horizontal_sum(sums);
        for (; v < vocabulary; v++) {
            int32_t index = y[v] + 128;
            sum += (uint32_t)tables->mantissas[index & 15] >> (15 - (index >> 4));
        }
        scores[row] += avx2_likelihood(y[targets[row * target_stride]] + 128, sum, tables);
    }
}

// MARK: noise

/// 32 × 32 → 64 bit products of 8 lanes, as high and low words.
static inline void avx2_multiply(__m256i a, uint32_t constant, __m256i *high, __m256i *low) {
    __m256i factor = _mm256_set1_epi32((int32_t)constant);
    __m256i even = _mm256_mul_epu32(a, factor);
    __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), factor);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}

/// Eight Philox4x32-10 blocks; words[j] holds word j of each.
static inline void avx2_philox(const egg_noise *key, uint32_t batch, __m256i words[4]) {
    __m256i c0 = _mm256_add_epi32(_mm256_set1_epi32((int32_t)(8 * batch)),
                                  _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256i c1 = _mm256_set1_epi32((int32_t)key->index);
    __m256i c2 = _mm256_set1_epi32((int32_t)key->selector);
    __m256i c3 = _mm256_set1_epi32((int32_t)key->epoch);
    uint32_t k0 = key->seed_low, k1 = key->seed_high;
    for (int round = 0; round < 10; round++) {
        __m256i first_high, first_low, second_high, second_low;
        avx2_multiply(c0, UINT32_C(0xD2511F53), &first_high, &first_low);
        avx2_multiply(c2, UINT32_C(0xCD9E8D57), &second_high, &second_low);
        c0 = _mm256_xor_si256(_mm256_xor_si256(second_high, c1), _mm256_set1_epi32((int32_t)k0));
        c2 = _mm256_xor_si256(_mm256_xor_si256(first_high, c3), _mm256_set1_epi32((int32_t)k1));
        c1 = second_low;
        c3 = first_low;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

/// The alias table in registers' reach: 8 × 16 entries of thresholds and aliases, each twice.
typedef struct {
    __m256i threshold[8], alias[8];
} avx2_alias_table;

static inline avx2_alias_table avx2_load_alias_table(const egg_noise *key) {
    avx2_alias_table table;
    for (int part = 0; part < 8; part++) {
        const __m128i *threshold = (const __m128i *)(key->threshold + 16 * part);
        const __m128i *alias = (const __m128i *)(key->alias + 16 * part);
        table.threshold[part] = _mm256_broadcastsi128_si256(_mm_loadu_si128(threshold));
        table.alias[part] = _mm256_broadcastsi128_si256(_mm_loadu_si128(alias));
    }
    return table;
}

/// 32 values from two vectors of 16-bit draws.
static inline __m256i avx2_normals(__m256i first, __m256i second, const avx2_alias_table *table) {
    const __m256i low_byte = _mm256_set1_epi16(0xFF);
    __m256i coin = _mm256_packus_epi16(_mm256_and_si256(first, low_byte),
                                       _mm256_and_si256(second, low_byte));
    __m256i top =
        _mm256_packus_epi16(_mm256_srli_epi16(first, 8), _mm256_srli_epi16(second, 8));
    __m256i cell = _mm256_and_si256(top, _mm256_set1_epi8(0x7F));
    __m256i threshold = _mm256_setzero_si256(), alias = _mm256_setzero_si256();
    for (int part = 0; part < 8; part++) {
        // Indices 0-15 of this part stay below 0x80 after the saturating addition; others do not,
        // and the shuffle gives 0 for them.
        __m256i index = _mm256_adds_epu8(_mm256_sub_epi8(cell, _mm256_set1_epi8((char)(16 * part))),
                                         _mm256_set1_epi8(0x70));
        threshold =
            _mm256_or_si256(threshold, _mm256_shuffle_epi8(table->threshold[part], index));
        alias = _mm256_or_si256(alias, _mm256_shuffle_epi8(table->alias[part], index));
    }
    // coin >= threshold takes the alias.
    __m256i aliased = _mm256_cmpeq_epi8(_mm256_max_epu8(coin, threshold), coin);
    __m256i magnitude = _mm256_blendv_epi8(cell, alias, aliased);
    __m256i negative = _mm256_cmpgt_epi8(_mm256_setzero_si256(), top);
    __m256i value = _mm256_sub_epi8(_mm256_xor_si256(magnitude, negative), negative);
    return _mm256_permute4x64_epi64(value, 0xD8);  // undoes the lanes of packus
}

static void avx2_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    avx2_alias_table table = avx2_load_alias_table(key);
    for (int32_t done = 0; done < count; done += 64) {
        __m256i words[4];
        avx2_philox(key, (uint32_t)(first + done) / 64, words);
        __m256i low = avx2_normals(words[0], words[1], &table);
        __m256i high = avx2_normals(words[2], words[3], &table);
        if (count - done >= 64) {
            _mm256_storeu_si256((__m256i *)(out + done), low);
            _mm256_storeu_si256((__m256i *)(out + done + 32), high);
        } else {
            int8_t batch[64];
            _mm256_storeu_si256((__m256i *)batch, low);
            _mm256_storeu_si256((__m256i *)(batch + 32), high);
            memcpy(out + done, batch, (size_t)(count - done));
        }
    }
}

// MARK: votes

/// Left factors [pair / 2][EGG_VOTE_ROWS][2], then right factors as a packed matrix of
/// EGG_VOTE_PAIRS inputs.
static size_t avx2_vote_scratch(int32_t columns) {
    return EGG_VOTE_PAIRS * EGG_VOTE_ROWS * sizeof(int16_t) +
           avx2_packed_bytes(columns, EGG_VOTE_PAIRS);
}

/// clip((a·fitness + half) >> shift) of 16 elements, widened.
static inline __m256i avx2_scaled(const int8_t *a, int16_t fitness, int16_t half, __m128i shift) {
    __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)a));
    // |a·fitness| + half <= 127² + 64 fits Int16.
    __m256i scaled = _mm256_add_epi16(_mm256_mullo_epi16(wide, _mm256_set1_epi16(fitness)),
                                      _mm256_set1_epi16(half));
    scaled = _mm256_sra_epi16(scaled, shift);
    scaled = _mm256_min_epi16(scaled, _mm256_set1_epi16(127));
    return _mm256_max_epi16(scaled, _mm256_set1_epi16(-127));
}

/// Interleaves two rows of 16 Int16; the halves come in the order of a panel's two vectors.
static inline void avx2_store_interleaved(__m256i even, __m256i odd, int16_t *low, int16_t *high) {
    _mm256_storeu_si256((__m256i *)low, _mm256_unpacklo_epi16(even, odd));
    _mm256_storeu_si256((__m256i *)high, _mm256_unpackhi_epi16(even, odd));
}

static void avx2_pack_left(int32_t pairs, int32_t rows, egg_const_rows a, const int8_t *fitness,
                           int32_t shift, int16_t *left) {
    int16_t half = (int16_t)(shift > 0 ? 1 << (shift - 1) : 0);
    __m128i by = _mm_cvtsi32_si128(shift);
    for (int32_t pair = 0; pair < pairs; pair += 2) {
        const int8_t *first = a.data + pair * a.stride;
        int16_t *out = left + (ptrdiff_t)pair / 2 * EGG_VOTE_ROWS * 2;
        for (int32_t i = 0; i < rows; i += 16) {
            __m256i even = avx2_scaled(first + i, fitness[pair], half, by);
            __m256i odd = pair + 1 < pairs
                              ? avx2_scaled(first + a.stride + i, fitness[pair + 1], half, by)
                              : _mm256_setzero_si256();
            __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
            _mm256_storeu_si256((__m256i *)(out + 2 * i),
                                _mm256_permute2x128_si256(low, high, 0x20));
            _mm256_storeu_si256((__m256i *)(out + 2 * i + 16),
                                _mm256_permute2x128_si256(low, high, 0x31));
        }
    }
}

static void avx2_pack_right(int32_t pairs, int32_t columns, egg_const_rows b, int16_t *right) {
    int32_t input_pairs = avx2_input_pairs(pairs);
    for (int32_t panel = 0; panel < avx2_panels(columns); panel++) {
        const int8_t *from = b.data + panel * tile_outputs;
        int16_t *out = right + (ptrdiff_t)panel * input_pairs * 32;
        for (int32_t pair = 0; pair < pairs; pair += 2, from += 2 * b.stride, out += 32) {
            __m256i even = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from));
            __m256i odd = pair + 1 < pairs ? _mm256_cvtepi8_epi16(_mm_loadu_si128(
                                                 (const __m128i *)(from + b.stride)))
                                           : _mm256_setzero_si256();
            avx2_store_interleaved(even, odd, out, out + 16);
        }
    }
}

/// Adds a tile's sums to rows of e, in the order of the columns.
static inline void avx2_add_votes(avx2_sums sums, int32_t columns, int32_t *e) {
    __m256i first = _mm256_permute2x128_si256(sums.low, sums.high, 0x20);
    __m256i second = _mm256_permute2x128_si256(sums.low, sums.high, 0x31);
    if (columns >= tile_outputs) {
        __m256i *out = (__m256i *)e;
        _mm256_storeu_si256(out, _mm256_add_epi32(_mm256_loadu_si256(out), first));
        _mm256_storeu_si256(out + 1, _mm256_add_epi32(_mm256_loadu_si256(out + 1), second));
        return;
    }
    int32_t values[tile_outputs];
    _mm256_storeu_si256((__m256i *)values, first);
    _mm256_storeu_si256((__m256i *)(values + 8), second);
    for (int32_t j = 0; j < columns; j++) e[j] += values[j];
}

static inline __attribute__((always_inline)) void avx2_vote_tile(
    int count, int32_t input_pairs, const int16_t *left, const int16_t *panel, int32_t columns,
    int32_t *e, ptrdiff_t e_stride) {
    avx2_sums sums[tile_rows];
    const avx2_factors *x[tile_rows];
    for (int r = 0; r < count; r++) {
        sums[r].low = sums[r].high = _mm256_setzero_si256();
        x[r] = avx2_row_pointer(left + 2 * r);
    }
    avx2_tile(count, input_pairs, x, EGG_VOTE_ROWS, panel, sums);
    for (int r = 0; r < count; r++) avx2_add_votes(sums[r], columns, e + r * e_stride);
}

static void avx2_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                       egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                       ptrdiff_t e_stride, void *scratch) {
    int16_t *left = scratch;
    int16_t *right = left + EGG_VOTE_PAIRS * EGG_VOTE_ROWS;
    int32_t input_pairs = avx2_input_pairs(pairs);
    avx2_pack_left(pairs, rows, a, fitness, shift, left);
    avx2_pack_right(pairs, columns, b, right);
    for (int32_t panel = 0; panel < avx2_panels(columns); panel++) {
        const int16_t *weights = right + (ptrdiff_t)panel * input_pairs * 32;
        int32_t *out = e + panel * tile_outputs;
        int32_t width = columns - panel * tile_outputs;
        int32_t row = 0;
        for (; row + tile_rows <= rows; row += tile_rows)
            avx2_vote_tile(tile_rows, input_pairs, left + 2 * row, weights, width,
                           out + row * e_stride, e_stride);
        for (; row < rows; row++)
            avx2_vote_tile(1, input_pairs, left + 2 * row, weights, width, out + row * e_stride,
                           e_stride);
    }
}

// MARK: roofline

static int64_t avx2_roofline(int32_t rounds) {
    enum { accumulators = 12 };
    __m256i sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = _mm256_setzero_si256();
    __m256i x = _mm256_set1_epi16(3), w = _mm256_set1_epi16(5);
    for (int32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < accumulators; i++) {
            __asm__ volatile("" : "+x"(x));  // keeps the product inside the loop
            sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(x, w));
        }
    }
    for (int i = 1; i < accumulators; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    __asm__ volatile("" : : "x"(sums[0]));
    return (int64_t)rounds * accumulators * 16;
}

const egg_kernel egg_avx2_kernel = {
    .name = "avx2",
    .block_rows = 48,
    .packed_bytes = avx2_packed_bytes,
    .pack = avx2_pack,
    .product_scratch = avx2_product_scratch,
    .product = avx2_product,
    .normalize = avx2_normalize,
    .embed = avx2_embed,
    .perturb_vector = avx2_perturb_vector,
    .gate = avx2_gate,
    .update_state = avx2_update_state,
    .add = avx2_add,
    .rectify = avx2_rectify,
    .log_likelihood = avx2_log_likelihood,
    .noise = avx2_noise,
    .vote_scratch = avx2_vote_scratch,
    .votes = avx2_votes,
    .vector_votes = avx2_vector_votes,
    .roofline = avx2_roofline,
};

#pragma clang attribute pop
#endif
