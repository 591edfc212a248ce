// What a product does to its sums: perturbation, shift, exact floor division, clip, narrowing.
// Include inside EGG_TARGET_BEGIN, after the vectors and the panels.
#ifndef EGG_VNNI_EPILOGUE_H
#define EGG_VNNI_EPILOGUE_H

#include "../../portable/floor_division.h"

/// How the change of a sum S by x·B and A is computed, the first that its bound allows. Above rank 1 x·B·A stands for the
/// sum over the terms, each form being linear up to its shift.
typedef enum {
    noise_none,
    /// (S·2^shift + x·B·A) >> (shift + 4): one shift fewer, |S·2^shift| + |x·B·A| fits Int32 and
    /// x·B fits 23 bits and a sign, so that x·B·A is a sum of two products of Int16.
    noise_fused,
    /// S + (x·B·A >> shift), x·B·A fits Int32.
    noise_narrow,
    /// The same with x·B in two parts, as x·B·A may take more than 32 bits.
    noise_wide,
} noise_form;

enum { factor_rows = 4 };  // rows whose factors are made at once

typedef struct {
    noise_form form;
    int32_t rank;
    ptrdiff_t next_factors;  // from the factors of one term to those of the next
    int divides;         // the root is no power of two: the quotient takes a division
    vector noise_shift;  // fused: to the left, of S; else to the right, of x·B·A (wide: less 6)
    vector sum_shift;    // to the right, at the end
    vector reciprocal;   // of the root, and the shift of a quotient (see egg_divide_odd)
    int quotient_shift;
    vector row_order;  // of v_store_rows
} vnni_epilogue;

static inline noise_form vnni_noise_form(const egg_product *p) {
    if (p->noise.a == NULL) return noise_none;
    int64_t largest = (int64_t)p->inputs * 127 * 127;  // of |S| and |x·B|
    int64_t rank = p->noise.rank;
    if (p->noise.shift < 16 && largest < (1 << 23) &&
        largest * ((1 << p->noise.shift) + 127 * rank) <= INT32_MAX)
        return noise_fused;
    return largest * 127 * rank <= INT32_MAX ? noise_narrow : noise_wide;
}

/// Int32 that `factors` and `offsets` of a block hold for one term.
EGG_INLINE int32_t vnni_factor_capacity(int32_t rows) {
    return (rows + factor_rows - 1) / factor_rows * factor_rows;
}

static inline vnni_epilogue vnni_make_epilogue(const egg_product *p, int32_t rows) {
    egg_divisor divisor = egg_make_divisor(p->root);
    // Above rank 1 there is one form for all roots.
    int divides = (p->root & (p->root - 1)) != 0 || (p->noise.a != NULL && p->noise.rank > 1);
    noise_form form = vnni_noise_form(p);
    int sum_shift = divides ? 3 : 4 + __builtin_ctz((unsigned)p->root);
    int shift = p->noise.shift;
    return (vnni_epilogue){
        .form = form,
        .rank = p->noise.rank,
        .next_factors = vnni_factor_capacity(rows),
        .divides = divides,
        .noise_shift = v_set32(form == noise_wide ? shift - 6 : shift),
        .sum_shift = v_set32(sum_shift + (form == noise_fused ? shift : 0)),
        .reciprocal = v_set16(divisor.reciprocal),
        .quotient_shift = divisor.shift,
        .row_order = v_row_order(),
    };
}

/// x·B as `vnni_perturb` takes it: fused, its upper 16 bits beside its lower 8.
EGG_INLINE __m128i vnni_factors(noise_form form, __m128i along_b) {
    if (form != noise_fused) return along_b;
    __m128i upper = _mm_and_si128(_mm_slli_epi32(along_b, 8), _mm_set1_epi32((int32_t)0xFFFF0000));
    return _mm_or_si128(upper, _mm_and_si128(along_b, _mm_set1_epi32(0xFF)));
}

/// A of a panel's outputs in the order of its sums.
typedef struct {
    vector half[2];
} vnni_noise;

/// Fused: A beside A·256, the factors of the lower and the upper part of x·B.
EGG_INLINE vnni_noise vnni_load_noise(noise_form form, const int8_t *a) {
    vector wide = v_widen8(a);
    vector upper = form == noise_fused ? v_up8_16(wide) : v_sign16(wide);
    return (vnni_noise){{v_low16(wide, upper), v_high16(wide, upper)}};
}

EGG_INLINE vector vnni_perturb(noise_form form, const vnni_epilogue *e, vector sum, vector a,
                               int32_t factor) {
    if (form == noise_none) return sum;
    if (form == noise_fused)
        return v_dot16(v_shift_left32(sum, e->noise_shift), a, v_set32(factor));
    if (form == noise_narrow)
        return v_add32(sum, v_shift_right32(v_multiply32(a, v_set32(factor)), e->noise_shift));
    // x·B = 64·upper + lower; exact, as the shift is 6 or more.
    vector lower = v_shift_right32(v_multiply32(a, v_set32(factor & 63)), v_set32(6));
    vector change = v_add32(v_multiply32(a, v_set32(factor >> 6)), lower);
    return v_add32(sum, v_shift_right32(change, e->noise_shift));
}

/// The same for all terms of a row, of which the sums are in both halves of its panel.
static inline void vnni_perturb_ranked(noise_form form, const vnni_epilogue *e, vector sums[2],
                                       const int8_t *a, ptrdiff_t a_stride, const int32_t *factors) {
    vector upper[2] = {v_zero(), v_zero()}, lower[2] = {v_zero(), v_zero()};
    if (form == noise_fused)
        for (int half = 0; half < 2; half++) sums[half] = v_shift_left32(sums[half], e->noise_shift);
    for (int32_t k = 0; k < e->rank; k++, a += a_stride, factors += e->next_factors) {
        vnni_noise noise = vnni_load_noise(form, a);
        for (int half = 0; half < 2; half++) {
            vector term = noise.half[half];
            if (form == noise_fused) {
                sums[half] = v_dot16(sums[half], term, v_set32(*factors));
            } else if (form == noise_narrow) {
                upper[half] = v_add32(upper[half], v_multiply32(term, v_set32(*factors)));
            } else {
                lower[half] = v_add32(lower[half], v_multiply32(term, v_set32(*factors & 63)));
                upper[half] = v_add32(upper[half], v_multiply32(term, v_set32(*factors >> 6)));
            }
        }
    }
    if (form == noise_fused) return;
    for (int half = 0; half < 2; half++) {
        if (form == noise_wide)
            upper[half] = v_add32(upper[half], v_shift_right32(lower[half], v_set32(6)));
        sums[half] = v_add32(sums[half], v_shift_right32(upper[half], e->noise_shift));
    }
}

/// Sums of two rows to bytes: the half lanes alternate between the rows. Where the root divides they
/// are shifted by 3 and get their lowest bit set: twice the shifted sum plus one, as egg_divide_odd
/// takes it. Packing saturates where the result does.
EGG_INLINE vector vnni_narrow(int divides, const vnni_epilogue *e, vector sums[2][2]) {
    vector values[2];
    for (int r = 0; r < 2; r++) {
        values[r] = v_pack32(sums[r][0], sums[r][1]);
        if (!divides) continue;
        vector odd = v_or(values[r], v_set16(1));
        values[r] = v_shift_right16(v_multiply_high16(odd, e->reciprocal), e->quotient_shift);
    }
    return v_max8(v_pack16(values[0], values[1]), v_set8(-127));
}

/// Rows of a block whose sums are complete.
typedef struct {
    const int32_t *sums;     // [count][panel_outputs], in the order of the panel
    const int32_t *factors;  // [rank][rows of the block, rounded up], from vnni_factors
    int32_t first, count;    // rows of the block
    int32_t panel;
} vnni_finished;

/// Two rows that are done together: their sums, factors, A and outputs.
typedef struct {
    const int32_t *sums[2], *factors[2];
    const int8_t *a[2];
    int8_t *out[2];
} vnni_two_rows;

EGG_INLINE void vnni_finish_two(noise_form form, int ranked, int divides, const vnni_epilogue *e,
                                ptrdiff_t a_stride, vnni_two_rows two) {
    vector sums[2][2];
    vnni_noise noise = {{v_zero(), v_zero()}};
    for (int r = 0; r < 2; r++) {
        if (ranked) {
            for (int half = 0; half < 2; half++)
                sums[r][half] = v_load(two.sums[r] + half * (panel_outputs / 2));
            vnni_perturb_ranked(form, e, sums[r], two.a[r], a_stride, two.factors[r]);
            for (int half = 0; half < 2; half++)
                sums[r][half] = v_shift_right32(sums[r][half], e->sum_shift);
            continue;
        }
        // The members of a pair share A.
        if (form != noise_none && (r == 0 || two.a[1] != two.a[0]))
            noise = vnni_load_noise(form, two.a[r]);
        int32_t factor = form == noise_none ? 0 : *two.factors[r];
        for (int half = 0; half < 2; half++) {
            vector sum = v_load(two.sums[r] + half * (panel_outputs / 2));
            sum = vnni_perturb(form, e, sum, noise.half[half], factor);
            sums[r][half] = v_shift_right32(sum, e->sum_shift);
        }
    }
    v_store_rows(e->row_order, vnni_narrow(divides, e, sums), two.out[0], two.out[1]);
}

EGG_INLINE void vnni_finish_as(noise_form form, int ranked, int divides, const vnni_epilogue *constants,
                               const egg_product *p, egg_rows rows, vnni_finished f) {
    const vnni_epilogue e = *constants;  // for all the compiler knows the outputs overwrite it
    const ptrdiff_t column = (ptrdiff_t)f.panel * panel_outputs, out_stride = p->out_stride;
    const ptrdiff_t a_stride = p->noise.a_stride;
    const int8_t *a = p->noise.a + (form == noise_none ? 0 : column);
    const int32_t *pair = rows.pair + (form == noise_none ? 0 : f.first);
    const int32_t *factors = f.factors + f.first;
    int8_t *out = p->out + f.first * out_stride + column;
    // The last two of an odd number of rows overlap the two before; a single row is done twice.
    const ptrdiff_t next = f.count > 1, last = f.count - 1 - next;
    for (ptrdiff_t i = 0; i < f.count; i += 2) {
        ptrdiff_t row = i < last ? i : last;
        const int32_t *sums = f.sums + row * panel_outputs;
        vnni_two_rows two = {
            .sums = {sums, sums + next * panel_outputs},
            .factors = {factors + row, factors + row + next},
            .out = {out + row * out_stride, out + row * out_stride + next * out_stride}};
        if (form != noise_none)
            for (int r = 0; r < 2; r++)
                two.a[r] = a + pair[row + r * next] * (ranked ? e.rank : 1) * a_stride;
        vnni_finish_two(form, ranked, divides, &e, a_stride, two);
    }
}

/// Writes the outputs of finished rows.
static inline void vnni_finish(const vnni_epilogue *e, const egg_product *p, egg_rows rows,
                               vnni_finished f) {
    if (e->form != noise_none && e->rank > 1) {
        switch (e->form) {
            case noise_fused: vnni_finish_as(noise_fused, 1, 1, e, p, rows, f); return;
            case noise_narrow: vnni_finish_as(noise_narrow, 1, 1, e, p, rows, f); return;
            default: vnni_finish_as(noise_wide, 1, 1, e, p, rows, f); return;
        }
    }
    switch (e->form * 2 + e->divides) {
        case noise_none * 2: vnni_finish_as(noise_none, 0, 0, e, p, rows, f); return;
        case noise_none * 2 + 1: vnni_finish_as(noise_none, 0, 1, e, p, rows, f); return;
        case noise_fused * 2: vnni_finish_as(noise_fused, 0, 0, e, p, rows, f); return;
        case noise_fused * 2 + 1: vnni_finish_as(noise_fused, 0, 1, e, p, rows, f); return;
        case noise_narrow * 2: vnni_finish_as(noise_narrow, 0, 0, e, p, rows, f); return;
        case noise_narrow * 2 + 1: vnni_finish_as(noise_narrow, 0, 1, e, p, rows, f); return;
        case noise_wide * 2: vnni_finish_as(noise_wide, 0, 0, e, p, rows, f); return;
        default: vnni_finish_as(noise_wide, 0, 1, e, p, rows, f);
    }
}

#endif
