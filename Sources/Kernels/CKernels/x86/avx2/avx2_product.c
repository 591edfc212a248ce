// The matrix product of the AVX2 kernel with its epilogue.
#if defined(__x86_64__)
#include <stdbool.h>

#include "avx2_matrix.h"
#include "../../portable/floor_division.h"

EGG_TARGET_BEGIN(EGG_AVX2)

// The products of a block read the weights and the noise of a whole model in turn, more than the caches of a core hold:
// what comes next is fetched while they multiply. The rows' A are as many streams, too many for the processor to see.
enum { line_bytes = 64, line_panels = line_bytes / tile_outputs };

static inline void avx2_prefetch(const int8_t *data) {
    _mm_prefetch((const char *)data, _MM_HINT_T0);
}

size_t avx2_product_scratch(int32_t rows, int32_t inputs) {
    return (size_t)rows * ((size_t)egg_padded(inputs) + EGG_MAX_RANK * sizeof(int32_t));
}

/// Moves the rows up into UInt8.
static void avx2_move_up(const egg_product *p, int32_t rows, uint8_t *moved) {
    int32_t padded = egg_padded(p->inputs);
    for (int32_t row = 0; row < rows; row++, moved += padded)
        for (int32_t i = 0; i < padded; i += 32) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(p->x + row * p->x_stride + i));
            _mm256_storeu_si256((__m256i *)(moved + i),
                                _mm256_add_epi8(x, _mm256_set1_epi8(input_offset)));
        }
}

/// x·b of two rows.
EGG_INLINE void avx2_dots(int32_t padded, const int8_t *const *x, const int8_t *const *b,
                          int32_t dots[2]) {
    __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int32_t i = 0; i < padded; i += 32)
        for (int r = 0; r < 2; r++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(x[r] + i));
            // |x|·(b with the sign of x): two products reach 2·127² = 32258.
            __m256i w = _mm256_sign_epi8(_mm256_loadu_si256((const __m256i *)(b[r] + i)), v);
            __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(v), w);
            sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
        }
    __m256i halves = _mm256_hadd_epi32(sums[0], sums[1]);
    __m128i quarters = _mm_add_epi32(_mm256_castsi256_si128(halves),
                                     _mm256_extracti128_si256(halves, 1));
    _mm_storel_epi64((__m128i *)dots, _mm_hadd_epi32(quarters, quarters));
}

/// along_b = sign·(x·B_k) of each row and term.
static void avx2_along(const egg_product *p, egg_rows rows, int32_t *along_b) {
    int32_t rank = p->noise.rank;
    for (int32_t row = 0; row < rows.count; row += 2) {
        int32_t second = row + 1 < rows.count ? row + 1 : row;
        const int8_t *x[2] = {p->x + row * p->x_stride, p->x + second * p->x_stride};
        ptrdiff_t terms[2] = {(ptrdiff_t)rows.pair[row] * rank, (ptrdiff_t)rows.pair[second] * rank};
        for (int r = 0; r < 2; r++) avx2_prefetch(p->noise.a + terms[r] * p->noise.a_stride);
        for (int32_t k = 0; k < rank; k++) {
            const int8_t *b[2] = {p->noise.b + (terms[0] + k) * p->noise.b_stride,
                                  p->noise.b + (terms[1] + k) * p->noise.b_stride};
            int32_t dots[2];
            avx2_dots(egg_padded(p->inputs), x, b, dots);
            along_b[row * rank + k] = rows.sign[row] * dots[0];
            along_b[second * rank + k] = rows.sign[second] * dots[second - row];
        }
    }
}

/// How the change that noise makes to the sums is computed.
typedef enum { avx2_clean, avx2_fused, avx2_narrow, avx2_wide, avx2_ranked } avx2_noise_form;

/// The epilogue of a product: its divisor, and the noise of each row.
typedef struct {
    egg_divisor divisor;
    int shift;               // of the noise
    int32_t rank;
    const int32_t *along_b;  // [rows][rank], sign·(x·B_k)
} avx2_epilogue;

/// Whether 2^shift·Σ x·weights + along_b·a fits Int32 for each along_b of 16 bits.
static inline bool avx2_can_fuse(int32_t inputs, int shift) {
    return ((int64_t)inputs * 127 * 127 << shift) + 32768 * 127 <= INT32_MAX;
}

/// along_b·a for the 16 outputs of a panel, in the order of its vectors; along_b has 16 bits. One floor does for all, as
/// Σ x·weights + ((along_b·a) >> shift) = (2^shift·Σ x·weights + along_b·a) >> shift.
EGG_INLINE avx2_sums avx2_unshifted(const int8_t *a, int32_t along_b) {
    __m256i wide = avx2_load_wide(a), factor = _mm256_set1_epi16((int16_t)along_b);
    __m256i low = _mm256_mullo_epi16(wide, factor), high = _mm256_mulhi_epi16(wide, factor);
    return (avx2_sums){_mm256_unpacklo_epi16(low, high), _mm256_unpackhi_epi16(low, high)};
}

/// (along_b·a) >> shift for the 16 outputs of a panel, in the order of its vectors.
///
/// Narrow, where |along_b >> shift| and (2^shift - 1)·127 fit Int16: along_b is cut into
/// high·2^shift + low, and (along_b·a) >> shift = high·a + (low·a >> shift) is the sum of two
/// products of Int16. Wide: products of 32 bits with along_b cut at 6 bits, exact as
/// shift >= 6 and |along_b >> 6|·127 < 2^31.
EGG_INLINE avx2_sums avx2_rank_one(const int8_t *a, int32_t along_b, int narrow, int shift) {
    __m256i wide = avx2_load_wide(a);
    if (narrow) {
        int32_t low = along_b & ((1 << shift) - 1), high = along_b >> shift;
        __m256i rest = _mm256_sra_epi16(_mm256_mullo_epi16(wide, _mm256_set1_epi16((int16_t)low)),
                                        _mm_cvtsi32_si128(shift));
        __m256i factors = _mm256_set1_epi32((high & 0xFFFF) | 1 << 16);
        return (avx2_sums){_mm256_madd_epi16(_mm256_unpacklo_epi16(wide, rest), factors),
                           _mm256_madd_epi16(_mm256_unpackhi_epi16(wide, rest), factors)};
    }
    avx2_sums result;
    for (int v = 0; v < 2; v++) {
        __m256i pairs = v == 0 ? _mm256_unpacklo_epi16(wide, wide) : _mm256_unpackhi_epi16(wide, wide);
        __m256i factor = _mm256_srai_epi32(pairs, 16);
        __m256i low = _mm256_mullo_epi32(factor, _mm256_set1_epi32(along_b & 63));
        __m256i high = _mm256_mullo_epi32(factor, _mm256_set1_epi32(along_b >> 6));
        __m256i sum = _mm256_add_epi32(high, _mm256_srai_epi32(low, 6));
        sum = _mm256_sra_epi32(sum, _mm_cvtsi32_si128(shift - 6));
        if (v == 0) result.low = sum; else result.high = sum;
    }
    return result;
}

/// (Σ_k along_b_k·a_k) >> shift, in parts as in the wide form: their sums fit Int32 too.
static inline avx2_sums avx2_rank_many(const int8_t *a, ptrdiff_t a_stride, const int32_t *along_b,
                                       const avx2_epilogue *e) {
    __m256i zero = _mm256_setzero_si256(), high[2] = {zero, zero}, low[2] = {zero, zero};
    for (int32_t k = 0; k < e->rank; k++, a += a_stride) {
        __m256i wide = avx2_load_wide(a);
        __m256i lower = _mm256_set1_epi32(along_b[k] & 63), upper = _mm256_set1_epi32(along_b[k] >> 6);
        for (int v = 0; v < 2; v++) {
            __m256i pairs = v == 0 ? _mm256_unpacklo_epi16(wide, wide) : _mm256_unpackhi_epi16(wide, wide);
            __m256i factor = _mm256_srai_epi32(pairs, 16);
            low[v] = _mm256_add_epi32(low[v], _mm256_mullo_epi32(factor, lower));
            high[v] = _mm256_add_epi32(high[v], _mm256_mullo_epi32(factor, upper));
        }
    }
    for (int v = 0; v < 2; v++) {
        high[v] = _mm256_add_epi32(high[v], _mm256_srai_epi32(low[v], 6));
        high[v] = _mm256_sra_epi32(high[v], _mm_cvtsi32_si128(e->shift - 6));
    }
    return (avx2_sums){high[0], high[1]};
}

/// Shift, floor division, clip and narrowing of 16 sums with `fraction` bits more: the sum >> 3 with its lowest bit set is
/// twice the shifted sum plus one, as egg_divide_odd takes it, and saturates where the result does.
EGG_INLINE __m128i avx2_finish(avx2_sums sums, int fraction, egg_divisor divisor) {
    __m128i by = _mm_cvtsi32_si128(fraction + 3);
    __m256i odd =
        _mm256_packs_epi32(_mm256_sra_epi32(sums.low, by), _mm256_sra_epi32(sums.high, by));
    odd = _mm256_or_si256(odd, _mm256_set1_epi16(1));
    __m256i quotient = _mm256_sra_epi16(
        _mm256_mulhi_epi16(odd, _mm256_set1_epi16(divisor.reciprocal)),
        _mm_cvtsi32_si128(divisor.shift));
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(quotient),
                                    _mm256_extracti128_si256(quotient, 1));
    return _mm_max_epi8(bytes, _mm_set1_epi8(-127));
}

/// Some rows of a panel. The form is a constant wherever this is used.
EGG_INLINE void avx2_product_tile(int count, avx2_noise_form form, const egg_product *p,
                                  egg_rows rows, int32_t first_row, int32_t panel,
                                  const uint8_t *moved, const avx2_epilogue *e) {
    ptrdiff_t stride = egg_padded(p->inputs);
    ptrdiff_t first_output = panel * tile_outputs;
    avx2_sums sums[product_rows];
    const uint8_t *x[product_rows];
    for (int r = 0; r < count; r++) {
        int32_t row = first_row + r;
        x[r] = moved + row * stride;
        if (form == avx2_clean) {
            sums[r] = (avx2_sums){_mm256_setzero_si256(), _mm256_setzero_si256()};
            continue;
        }
        int32_t rank = form == avx2_ranked ? e->rank : 1;
        const int8_t *a = p->noise.a + rows.pair[row] * rank * p->noise.a_stride + first_output;
        if (panel % line_panels == 0) avx2_prefetch(a + line_bytes);
        if (form == avx2_fused)
            sums[r] = avx2_unshifted(a, e->along_b[row]);
        else if (form == avx2_ranked)
            sums[r] = avx2_rank_many(a, p->noise.a_stride, e->along_b + row * rank, e);
        else
            sums[r] = avx2_rank_one(a, e->along_b[row], form == avx2_narrow, e->shift);
    }
    int fraction = form == avx2_fused ? e->shift : 0;
    const avx2_panel *at = (const avx2_panel *)p->weights + panel;
    const int8_t *packed = p->weights;
    avx2_panel_sums(count, (const avx2_group *)(packed + at->groups), at->group_count,
                    packed + at->vectors, x, 1, (int16_t)(1 << fraction), sums);
    for (int r = 0; r < count; r++) {
        int8_t *out = p->out + (first_row + r) * p->out_stride + first_output;
        _mm_storeu_si128((__m128i *)out, avx2_finish(sums[r], fraction, e->divisor));
    }
}

/// Fetches a part of the next panel's vectors while this one is at work. The last panel but one has none after the next
/// to say where that ends.
static inline void avx2_prefetch_panel(const egg_product *p, int32_t panel, int32_t part,
                                       int32_t parts) {
    if (panel + 2 >= avx2_panels(p->outputs)) return;
    const avx2_panel *next = (const avx2_panel *)p->weights + panel + 1;
    ptrdiff_t bytes = next[1].vectors - next[0].vectors;
    ptrdiff_t share = (ptrdiff_t)avx2_round_up((size_t)(bytes / parts));
    const int8_t *first = (const int8_t *)p->weights + next->vectors + part * share;
    for (ptrdiff_t i = 0; i < share; i += line_bytes) avx2_prefetch(first + i);
}

EGG_INLINE void avx2_product_panels(avx2_noise_form form, const egg_product *p, egg_rows rows,
                                    const uint8_t *moved, const avx2_epilogue *e) {
    for (int32_t panel = 0; panel < avx2_panels(p->outputs); panel++) {
        int32_t row = 0;
        for (; row + product_rows <= rows.count; row += product_rows) {
            avx2_prefetch_panel(p, panel, row / product_rows, rows.count / product_rows);
            avx2_product_tile(product_rows, form, p, rows, row, panel, moved, e);
        }
        for (; row < rows.count; row++)
            avx2_product_tile(1, form, p, rows, row, panel, moved, e);
    }
}

/// The fastest form that is exact for these rows.
static avx2_noise_form avx2_form(const egg_product *p, int32_t rows, const int32_t *along_b) {
    int shift = p->noise.shift;
    if (p->noise.rank > 1) return avx2_ranked;
    bool fused = avx2_can_fuse(p->inputs, shift), narrow = shift <= 8;  // (2^8 - 1)·127 < 2^15
    for (int32_t row = 0; row < rows; row++) {
        int32_t along = along_b[row], high = along >> shift;
        fused &= along == (int16_t)along;
        narrow &= high == (int16_t)high;
    }
    return fused ? avx2_fused : narrow ? avx2_narrow : avx2_wide;
}

void avx2_product(const egg_product *p, egg_rows rows, void *scratch) {
    int32_t *along_b = scratch;
    uint8_t *moved = (uint8_t *)(along_b + rows.count * EGG_MAX_RANK);
    avx2_epilogue e = {egg_make_divisor(p->root), p->noise.shift, p->noise.rank, along_b};
    avx2_move_up(p, rows.count, moved);
    if (p->noise.a == NULL) return avx2_product_panels(avx2_clean, p, rows, moved, &e);
    avx2_along(p, rows, along_b);
    switch (avx2_form(p, rows.count, along_b)) {
        case avx2_ranked: return avx2_product_panels(avx2_ranked, p, rows, moved, &e);
        case avx2_fused: return avx2_product_panels(avx2_fused, p, rows, moved, &e);
        case avx2_narrow: return avx2_product_panels(avx2_narrow, p, rows, moved, &e);
        default: return avx2_product_panels(avx2_wide, p, rows, moved, &e);
    }
}

EGG_TARGET_END
#endif
