// Operations on rows of activations, and on gains and biases, of the NEON kernels.
#if defined(__aarch64__)
#include "neon.h"

// MARK: normalization

/// Σ|x_i|, at most 127 a byte.
static inline uint32_t neon_absolute_sum(int32_t padded, const int8_t *x) {
    uint32x4_t sum = vdupq_n_u32(0);
    for (int32_t i = 0; i < padded; i += 16) {
        uint8x16_t absolute = vreinterpretq_u8_s8(vabsq_s8(vld1q_s8(x + i)));
        sum = vpadalq_u16(sum, vpaddlq_u8(absolute));
    }
    return vaddvq_u32(sum);
}

void neon_normalize(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                    egg_out_rows out) {
    int32_t padded = egg_padded(width);
    uint64_t width_reciprocal = egg_width_reciprocal(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *in = x.data + row * x.stride, *g = gain.data + row * gain.stride;
        int8_t *result = out.data + row * out.stride;
        neon_divisor divisor =
            neon_make_divisor(egg_mean_magnitude(neon_absolute_sum(padded, in), width_reciprocal));
        for (int32_t i = 0; i < padded; i += 16) {
            int8x16_t v = vld1q_s8(in + i), w = vld1q_s8(g + i);
            int16x8_t low = vmull_s8(vget_low_s8(v), vget_low_s8(w));
            int16x8_t high = vmull_high_s8(v, w);
            vst1q_s8(result + i, vuzp1q_s8(vreinterpretq_s8_s16(neon_floor_divide(low, divisor)),
                                           vreinterpretq_s8_s16(neon_floor_divide(high, divisor))));
        }
    }
}

// MARK: perturbed rows

void neon_embed(egg_rows rows, int32_t width, const int8_t *embedding, const uint8_t *tokens,
                ptrdiff_t token_stride, const egg_perturbation *noise, egg_out_rows out) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows.count; row++) {
        uint8_t token = tokens[row * token_stride];
        const int8_t *in = embedding + (ptrdiff_t)token * padded;
        int8_t *result = out.data + row * out.stride;
        if (noise->a == NULL) {
            memcpy(result, in, (size_t)padded);
            continue;
        }
        if (noise->rank > 1) {
            egg_embed_ranked(rows, row, padded, token, noise, in, result);
            continue;
        }
        const int8_t *b = noise->b + rows.pair[row] * noise->b_stride;
        int32_t along = rows.sign[row] * noise->a[rows.pair[row] * noise->a_stride + token];
        int8x16_t a = vdupq_n_s8((int8_t)along);
        int16x8_t shift = vdupq_n_s16((int16_t)-noise->shift);
        for (int32_t i = 0; i < padded; i += 16) {
            int8x16_t v = vld1q_s8(in + i), w = vld1q_s8(b + i);
            int16x8_t low = vshlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(w)), shift);
            int16x8_t high = vshlq_s16(vmull_high_s8(a, w), shift);
            low = vaddw_s8(low, vget_low_s8(v));
            high = vaddw_high_s8(high, v);
            vst1q_s8(result + i, neon_narrow_clipped(low, high));
        }
    }
}

void neon_perturb_vector(egg_rows rows, int32_t width, const int8_t *values,
                         const egg_perturbation *noise, egg_out_rows out) {
    int32_t padded = egg_padded(width);
    int16x8_t shift = vdupq_n_s16((int16_t)-noise->shift);
    for (int32_t row = 0; row < rows.count; row++) {
        const int8_t *a = noise->a + rows.pair[row] * noise->a_stride;
        const int8_t *b = noise->b + rows.pair[row] * noise->b_stride;
        int8_t *result = out.data + row * out.stride;
        int8x16_t sign = vdupq_n_s8((int8_t)rows.sign[row]);
        for (int32_t i = 0; i < padded; i += 16) {
            int8x16_t v = vld1q_s8(values + i), w = vld1q_s8(b + i);
            int8x16_t signed_a = vmulq_s8(vld1q_s8(a + i), sign);
            int16x8_t low = vshlq_s16(vmull_s8(vget_low_s8(signed_a), vget_low_s8(w)), shift);
            int16x8_t high = vshlq_s16(vmull_high_s8(signed_a, w), shift);
            low = vaddw_s8(low, vget_low_s8(v));
            high = vaddw_high_s8(high, v);
            vst1q_s8(result + i, neon_narrow_clipped(low, high));
        }
    }
}

// MARK: recurrence

/// Entries of a table of 256, for the inputs -128...127.
static inline int8x16_t neon_look_up(const int8_t *table, int8x16_t input) {
    uint8x16_t index = veorq_u8(vreinterpretq_u8_s8(input), vdupq_n_u8(128));
    int8x16_t result = vqtbl4q_s8(vld1q_s8_x4(table), index);
    for (int part = 1; part < 4; part++) {
        // Indices outside the part, which wrap to 64 and more, keep what is there.
        index = vsubq_u8(index, vdupq_n_u8(64));
        result = vqtbx4q_s8(result, vld1q_s8_x4(table + 64 * part), index);
    }
    return result;
}

/// The sum of three vectors, clipped, through the table where there is one.
static inline int8x16_t neon_activate(int8x16_t a, int8x16_t b, int8x16_t c, const int8_t *table) {
    int16x8_t low = vaddw_s8(vaddl_s8(vget_low_s8(a), vget_low_s8(b)), vget_low_s8(c));
    int16x8_t high = vaddw_high_s8(vaddl_high_s8(a, b), c);
    int8x16_t sum = neon_narrow_clipped(low, high);
    return table == NULL ? sum : neon_look_up(table, sum);
}

void neon_gate(int32_t rows, int32_t width, egg_const_rows from_input, egg_const_rows from_state,
               egg_const_rows bias, const int8_t *table, egg_const_rows state, egg_out_rows f,
               egg_out_rows gated) {
    int32_t padded = egg_padded(width);
    const uint8x16_t offset = vdupq_n_u8(127);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *input = from_input.data + row * from_input.stride;
        const int8_t *recurrent = from_state.data + row * from_state.stride;
        const int8_t *b = bias.data + row * bias.stride, *s = state.data + row * state.stride;
        int8_t *gate = f.data + row * f.stride, *result = gated.data + row * gated.stride;
        for (int32_t i = 0; i < padded; i += 16) {
            int8x16_t value = neon_activate(vld1q_s8(input + i), vld1q_s8(recurrent + i),
                                            vld1q_s8(b + i), table);
            vst1q_s8(gate + i, value);
            // 0 <= f + 127 <= 254 fits UInt8; |(f + 127)·s| <= 254·127 fits Int16, and its upper
            // byte is the product >> 8.
            uint8x16_t open = vaddq_u8(vreinterpretq_u8_s8(value), offset);
            int8x16_t old = vld1q_s8(s + i);
            int16x8_t low = vmulq_s16(vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(open))),
                                      vmovl_s8(vget_low_s8(old)));
            int16x8_t high = vmulq_s16(vreinterpretq_s16_u16(vmovl_high_u8(open)),
                                       vmovl_high_s8(old));
            vst1q_s8(result + i, vuzp2q_s8(vreinterpretq_s8_s16(low), vreinterpretq_s8_s16(high)));
        }
    }
}

/// ((f + 127)·(h - s)) >> 8 of 8 elements. The product reaches 64516, but with h - s times 128 both
/// factors fit Int16, and the upper half of their product, doubled, is the result.
static inline int16x8_t neon_state_change(int8x8_t f, int8x8_t h, int8x8_t s) {
    int16x8_t openness = vaddl_s8(f, vdup_n_s8(127));
    return vqdmulhq_s16(openness, vshlq_n_s16(vsubl_s8(h, s), 7));
}

void neon_update_state(int32_t rows, int32_t width, egg_const_rows from_input,
                       egg_const_rows from_state, egg_const_rows bias, egg_const_rows f,
                       egg_out_rows state, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *input = from_input.data + row * from_input.stride;
        const int8_t *recurrent = from_state.data + row * from_state.stride;
        const int8_t *b = bias.data + row * bias.stride, *gate = f.data + row * f.stride;
        int8_t *s = state.data + row * state.stride, *result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i += 16) {
            int8x16_t h = neon_activate(vld1q_s8(input + i), vld1q_s8(recurrent + i),
                                        vld1q_s8(b + i), NULL);
            int8x16_t open = vld1q_s8(gate + i), old = vld1q_s8(s + i);
            int16x8_t low =
                neon_state_change(vget_low_s8(open), vget_low_s8(h), vget_low_s8(old));
            int16x8_t high =
                neon_state_change(vget_high_s8(open), vget_high_s8(h), vget_high_s8(old));
            // The state moves toward h and stays in Int8; the low bytes of change and state add up.
            int8x16_t change = vuzp1q_s8(vreinterpretq_s8_s16(low), vreinterpretq_s8_s16(high));
            int8x16_t moved = vaddq_s8(old, change);
            vst1q_s8(s + i, moved);
            vst1q_s8(result + i, neon_add_clipped(moved, vld1q_s8(result + i)));
        }
    }
}

// MARK: sums and votes

void neon_add(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *in = addend.data + row * addend.stride;
        int8_t *result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i += 16)
            vst1q_s8(result + i, neon_add_clipped(vld1q_s8(result + i), vld1q_s8(in + i)));
    }
}

void neon_rectify(int32_t rows, int32_t width, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        int8_t *result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i += 16)
            vst1q_s8(result + i, vmaxq_s8(vld1q_s8(result + i), vdupq_n_s8(0)));
    }
}

void neon_vector_votes(int32_t pairs, int32_t width, egg_const_rows a, egg_const_rows b,
                       const int8_t *fitness, int32_t shift, int32_t *e) {
    for (int32_t i = 0; i < width; i += 8) {
        int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
        for (int32_t pair = 0; pair < pairs; pair++) {
            int8x8_t left = vld1_s8(a.data + pair * a.stride + i);
            int8x8_t scaled = neon_scaled(left, fitness[pair], shift);
            int16x8_t votes = vmull_s8(scaled, vld1_s8(b.data + pair * b.stride + i));
            low = vaddw_s16(low, vget_low_s16(votes));
            high = vaddw_high_s16(high, votes);
        }
        neon_add_votes(low, high, width - i, e + i);
    }
}
#endif
