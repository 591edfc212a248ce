// The votes of the AVX2 kernel: an Int8 product over pairs. The right factors are packed like the weights of a matrix, a
// panel of 16 columns at a time, and four pairs are a step (see avx2_matrix.h); the left ones are moved up into UInt8.
//
// Both factors are known here, so a group may be longer than a bound for any input allows: by Cauchy and Schwarz a lane's
// sum stays within 32767 where the squares of its left factors sum to L, those of its right ones to R, and L·R <= 32767².
#if defined(__x86_64__)
#include <stdbool.h>

#include "avx2_packer.h"

EGG_TARGET_BEGIN(EGG_AVX2)

enum {
    span_steps = 8,  // steps that are one group where the bound above holds
    span_pairs = span_steps * step_inputs,
    vote_steps = EGG_VOTE_PAIRS / step_inputs,
    vote_spans = vote_steps / span_steps,
    left_step_bytes = EGG_VOTE_ROWS * step_inputs,
    left_bytes = vote_steps * left_step_bytes,
};

/// Where the corrections and steps of the right factors lie in the scratch.
static inline size_t avx2_right_vectors_at(void) {
    return left_bytes + avx2_round_up(avx2_max_groups(EGG_VOTE_PAIRS) * sizeof(avx2_group));
}

/// Left factors [step][EGG_VOTE_ROWS][4], then a panel of right factors: its groups, and their corrections and steps.
size_t avx2_vote_scratch(int32_t columns) {
    (void)columns;
    return avx2_right_vectors_at() + avx2_max_groups(EGG_VOTE_PAIRS) * 2 * step_bytes;
}

static inline int32_t avx2_vote_steps(int32_t pairs) { return (pairs + step_inputs - 1) / step_inputs; }

// MARK: left factors

/// clip((a·fitness + half) >> shift) of 16 elements.
static inline __m128i avx2_scaled(__m128i a, int16_t fitness, int16_t half, __m128i shift) {
    // |a·fitness| + half <= 127² + 64 fits Int16.
    __m256i scaled = _mm256_add_epi16(
        _mm256_mullo_epi16(_mm256_cvtepi8_epi16(a), _mm256_set1_epi16(fitness)),
        _mm256_set1_epi16(half));
    scaled = _mm256_sra_epi16(scaled, shift);
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(scaled), _mm256_extracti128_si256(scaled, 1));
    return _mm_max_epi8(bytes, _mm_set1_epi8(-127));
}

/// Whether scaling leaves every factor as it is.
static bool avx2_is_unscaled(int32_t pairs, const int8_t *fitness, int32_t shift) {
    for (int32_t pair = 0; pair < pairs; pair++)
        if (fitness[pair] != 1) return false;
    return shift == 0;
}

/// Four rows of 16 bytes as a step: byte c of each makes the word of c.
static inline avx2_step avx2_interleave(const __m128i *rows) {
    __m256i even = _mm256_set_m128i(_mm_unpackhi_epi8(rows[0], rows[1]), _mm_unpacklo_epi8(rows[0], rows[1]));
    __m256i odd = _mm256_set_m128i(_mm_unpackhi_epi8(rows[2], rows[3]), _mm_unpacklo_epi8(rows[2], rows[3]));
    return (avx2_step){{_mm256_unpacklo_epi16(even, odd), _mm256_unpackhi_epi16(even, odd)}};
}

/// What a call scales its left factors by.
typedef struct {
    const int8_t *fitness;
    int32_t shift;
    bool unscaled;
} avx2_scale;

/// The left factors of a step: four pairs, 16 rows from `first_row` on.
EGG_INLINE void avx2_load_left(int32_t pairs, egg_const_rows a, int32_t first_pair, int32_t first_row,
                               avx2_scale scale, __m128i *four) {
    int16_t half = (int16_t)(scale.shift > 0 ? 1 << (scale.shift - 1) : 0);
    for (int32_t k = 0; k < step_inputs; k++) {
        // A pair that is missing meets right factors of 0.
        int32_t pair = first_pair + k < pairs ? first_pair + k : pairs - 1;
        four[k] = _mm_loadu_si128((const __m128i *)(a.data + pair * a.stride + first_row));
        if (!scale.unscaled)
            four[k] = avx2_scaled(four[k], scale.fitness[pair], half, _mm_cvtsi32_si128(scale.shift));
    }
}

/// w² of neighbouring bytes, added: at most 2·127².
static inline __m256i avx2_squares(__m256i w) {
    __m256i size = _mm256_abs_epi8(w);
    return _mm256_maddubs_epi16(size, size);
}

/// The largest of 16 UInt16.
static inline uint32_t avx2_largest(__m256i v) {
    __m128i half = _mm_max_epu16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    __m128i smallest = _mm_minpos_epu16(_mm_xor_si128(half, _mm_set1_epi16(-1)));
    return 0xFFFF ^ (uint32_t)_mm_extract_epi16(smallest, 0);
}

/// Packs the left factors and tells for each span the largest sum of squares of a lane, 65535 where it is that or more.
EGG_INLINE void avx2_pack_left(int32_t pairs, int32_t rows, egg_const_rows a, avx2_scale scale,
                               uint8_t *left, uint32_t *squares) {
    __m256i offset = _mm256_set1_epi8(input_offset), largest[vote_spans];
    int32_t steps = avx2_vote_steps(pairs);
    for (int s = 0; s < vote_spans; s++) largest[s] = _mm256_setzero_si256();
    for (int32_t row = 0; row < rows; row += 16)
        for (int32_t first = 0; first < steps; first += span_steps) {
            __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
            for (int32_t k = first; k < first + span_steps && k < steps; k++) {
                __m128i four[step_inputs];
                avx2_load_left(pairs, a, k * step_inputs, row, scale, four);
                avx2_step step = avx2_interleave(four);
                for (int v = 0; v < 2; v++) {
                    sums[v] = _mm256_adds_epu16(sums[v], avx2_squares(step.vector[v]));
                    step.vector[v] = _mm256_add_epi8(step.vector[v], offset);
                }
                __m256i *out = (__m256i *)(left + k * left_step_bytes + step_inputs * row);
                _mm256_storeu_si256(out, _mm256_permute2x128_si256(step.vector[0], step.vector[1], 0x20));
                _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(step.vector[0], step.vector[1], 0x31));
            }
            __m256i *span = &largest[first / span_steps];
            *span = _mm256_max_epu16(*span, _mm256_max_epu16(sums[0], sums[1]));
        }
    for (int s = 0; s < vote_spans; s++) squares[s] = avx2_largest(largest[s]);
}

// MARK: right factors

/// The right factors of a step: four pairs of 16 columns, zeros where there is no pair.
EGG_INLINE avx2_step avx2_load_right(int32_t pairs, const int8_t *b, ptrdiff_t stride) {
    __m128i four[step_inputs];
    for (int32_t k = 0; k < step_inputs; k++)
        four[k] = k < pairs ? _mm_loadu_si128((const __m128i *)(b + k * stride)) : _mm_setzero_si128();
    return avx2_interleave(four);
}

/// What the factors of a span's lanes are like.
typedef struct {
    __m256i sum[2];      // Σw of each lane
    uint32_t squares;    // the largest Σw² of a lane, at most 65535
    bool can_saturate;   // a step of vpmaddubsw
} avx2_span;

EGG_INLINE avx2_span avx2_measure_span(const avx2_step *steps, int32_t count) {
    __m256i zero = _mm256_setzero_si256();
    __m256i sum[2] = {zero, zero}, squares[2] = {zero, zero}, extent = zero;
    for (int32_t k = 0; k < count; k++)
        for (int v = 0; v < 2; v++) {
            __m256i w = steps[k].vector[v];
            sum[v] = _mm256_add_epi16(sum[v], avx2_lane_sums(w));
            squares[v] = _mm256_adds_epu16(squares[v], avx2_squares(w));
            extent = _mm256_max_epi16(extent, avx2_lane_extents(w));
        }
    return (avx2_span){{sum[0], sum[1]},
                       avx2_largest(_mm256_max_epu16(squares[0], squares[1])),
                       avx2_exceeds(extent, extent, max_step_magnitude)};
}

/// Whether no sum of a span can leave Int16. The square of 65534 fits UInt32.
static inline bool avx2_fits(uint32_t left_squares, uint32_t right_squares) {
    return left_squares < UINT16_MAX && right_squares < UINT16_MAX &&
           left_squares * right_squares <= (uint32_t)INT16_MAX * INT16_MAX;
}

/// Adds the right factors of a span, as one group where that is exact, or as those of its halves. Where they fit but a
/// step has to be split, its second half begins another group.
static void avx2_add_span(avx2_packer *packer, uint16_t first, const avx2_step *steps, int32_t count,
                          uint32_t left_squares) {
    avx2_span span = avx2_measure_span(steps, count);
    bool fits = avx2_fits(left_squares, span.squares);
    if (!fits && count > span_steps / 2) {
        int32_t half = count / 2;
        avx2_add_span(packer, first, steps, half, left_squares);
        avx2_add_span(packer, (uint16_t)(first + half), steps + half, count - half, left_squares);
        return;
    }
    avx2_open_group(packer, first);
    if (fits && !span.can_saturate) {
        for (int32_t k = 0; k < count; k++, packer->next += step_bytes)
            for (int v = 0; v < 2; v++)
                _mm256_store_si256((__m256i *)packer->next + v, steps[k].vector[v]);
        for (int v = 0; v < 2; v++) packer->sum[v] = span.sum[v];
        packer->group->steps = (uint16_t)count;
    } else {
        packer->most = fits ? INT16_MAX : max_group_magnitude;
        for (int32_t k = 0; k < count; k++) avx2_add_step(packer, (uint16_t)(first + k), steps[k]);
    }
    avx2_close_group(packer);
}

/// Packs the right factors of 16 columns and gives the number of groups.
static int32_t avx2_pack_right(int32_t pairs, const int8_t *b, ptrdiff_t stride, const uint32_t *left_squares,
                               avx2_group *groups, int8_t *vectors) {
    avx2_packer packer = {.group = groups, .next = vectors};
    for (int32_t first = 0; first < pairs; first += span_pairs, left_squares++) {
        avx2_step steps[span_steps];
        int32_t left = pairs - first < span_pairs ? pairs - first : span_pairs, count = 0;
        for (; left >= step_inputs; left -= step_inputs, b += step_inputs * stride)
            steps[count++] = avx2_load_right(step_inputs, b, stride);
        if (left > 0) steps[count++] = avx2_load_right(left, b, stride);
        avx2_add_span(&packer, (uint16_t)(first / step_inputs), steps, count, *left_squares);
    }
    return (int32_t)(packer.group - groups);
}

// MARK: products

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

EGG_INLINE void avx2_vote_tile(int count, const uint8_t *left, const avx2_group *groups,
                               int32_t group_count, const int8_t *vectors, int32_t columns,
                               int32_t *e, ptrdiff_t e_stride) {
    avx2_sums sums[product_rows];
    const uint8_t *x[product_rows];
    for (int r = 0; r < count; r++) {
        sums[r].low = sums[r].high = _mm256_setzero_si256();
        x[r] = left + step_inputs * r;
        _mm_prefetch((const char *)(e + (count + r) * e_stride), _MM_HINT_T0);
    }
    avx2_panel_sums(count, groups, group_count, vectors, x, EGG_VOTE_ROWS, 1, sums);
    for (int r = 0; r < count; r++) avx2_add_votes(sums[r], columns, e + r * e_stride);
}

void avx2_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                 egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                 ptrdiff_t e_stride, void *scratch) {
    uint8_t *left = scratch;
    avx2_group *groups = (avx2_group *)(left + left_bytes);
    int8_t *vectors = (int8_t *)scratch + avx2_right_vectors_at();
    uint32_t squares[vote_spans];
    if (avx2_is_unscaled(pairs, fitness, shift))
        avx2_pack_left(pairs, rows, a, (avx2_scale){fitness, shift, true}, left, squares);
    else
        avx2_pack_left(pairs, rows, a, (avx2_scale){fitness, shift, false}, left, squares);
    for (int32_t first = 0; first < columns; first += tile_outputs) {
        int32_t count = avx2_pack_right(pairs, b.data + first, b.stride, squares, groups, vectors);
        int32_t row = 0;
        for (; row + product_rows <= rows; row += product_rows)
            avx2_vote_tile(product_rows, left + step_inputs * row, groups, count, vectors,
                           columns - first, e + first + row * e_stride, e_stride);
        for (; row < rows; row++)
            avx2_vote_tile(1, left + step_inputs * row, groups, count, vectors, columns - first,
                           e + first + row * e_stride, e_stride);
    }
}

EGG_TARGET_END
#endif
