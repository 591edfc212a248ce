// Operations of node perturbation on the rows of antithetic pairs, as plain loops (loops.h).
//
// Rows 2p and 2p + 1 of a member array are the members of pair p; a pair array has one row a pair.
#ifndef EGG_ACTIVATION_LOOPS_H
#define EGG_ACTIVATION_LOOPS_H

#include <string.h>

#include "recurrence.h"
#include "rows.h"
#include "unit.h"

/// Fraction bits of the multipliers of gate and candidate, of a site, and of the scale of a correlation.
enum {
    egg_credit_bits = 12,
    egg_site_bits = 14,
    egg_correlation_bits = 8,
};

static void EGG_LOOP(spread)(int32_t pairs, int32_t width, egg_const_rows in, egg_out_rows out) {
    size_t bytes = (size_t)egg_padded(width);
    for (int32_t pair = 0; pair < pairs; pair++) {
        memcpy(out.data + 2 * pair * out.stride, in.data + pair * in.stride, bytes);
        memcpy(out.data + (2 * pair + 1) * out.stride, in.data + pair * in.stride, bytes);
    }
}

static void EGG_LOOP(average)(int32_t pairs, int32_t width, egg_const_rows in, egg_out_rows out) {
    int32_t padded = egg_padded(width);
    for (int32_t pair = 0; pair < pairs; pair++) {
        const int8_t *restrict first = in.data + 2 * pair * in.stride;
        const int8_t *restrict second = first + in.stride;
        int8_t *restrict result = out.data + pair * out.stride;
        for (int32_t i = 0; i < padded; i++)
            result[i] = (int8_t)((int16_t)(first[i] + second[i] + 1) >> 1);
    }
}

static void EGG_LOOP(scale_noise)(int32_t rows, int32_t width, int32_t deviation,
                                  egg_out_rows noise) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        int8_t *restrict values = noise.data + row * noise.stride;
        // |values·deviation| + 8 <= 127·30 + 8 fits Int16.
        for (int32_t i = 0; i < padded; i++)
            values[i] = (int8_t)egg_clip16((int16_t)((int16_t)(values[i] * deviation + 8) >> 4));
    }
}

static void EGG_LOOP(perturb)(int32_t pairs, int32_t width, egg_const_rows noise, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    // A member at a time: with both in one loop the compiler takes their rows for overlapping.
    for (int32_t member = 0; member < 2 * pairs; member++) {
        const int8_t *restrict change = noise.data + member / 2 * noise.stride;
        int8_t *restrict values = x.data + member * x.stride;
        int16_t sign = member % 2 == 0 ? 1 : -1;
        for (int32_t i = 0; i < padded; i++)
            values[i] = (int8_t)egg_clip16((int16_t)(values[i] + sign * change[i]));
    }
}

static void EGG_LOOP(mask_noise)(int32_t pairs, int32_t width, egg_const_rows x,
                                 egg_out_rows noise) {
    int32_t padded = egg_padded(width);
    for (int32_t pair = 0; pair < pairs; pair++) {
        const int8_t *restrict first = x.data + 2 * pair * x.stride;
        const int8_t *restrict second = first + x.stride;
        int8_t *restrict values = noise.data + pair * noise.stride;
        for (int32_t i = 0; i < padded; i++)
            values[i] = (int8_t)(values[i] & -((first[i] > 0) | (second[i] > 0)));
    }
}

static void EGG_LOOP(gate_factors)(int32_t pairs, int32_t members, int32_t width,
                                   egg_const_rows from_input, egg_const_rows from_state,
                                   egg_const_rows bias, egg_const_rows f, egg_const_rows state,
                                   egg_out_rows openness, egg_out_rows distance) {
    int32_t padded = egg_padded(width), second = members - 1;
    for (int32_t pair = 0; pair < pairs; pair++) {
        const int8_t *restrict f0 = f.data + members * pair * f.stride;
        const int8_t *restrict f1 = f0 + second * f.stride;
        const int8_t *restrict s = state.data + pair * state.stride;
        int8_t *restrict z = openness.data + pair * openness.stride;
        int8_t *restrict d = distance.data + pair * distance.stride;
        const int8_t *in = from_input.data + members * pair * from_input.stride;
        const int8_t *old = from_state.data + members * pair * from_state.stride;
        for (int32_t start = 0; start < padded; start += EGG_ALIGNMENT) {
            int8_t h[2][EGG_ALIGNMENT];
            for (int member = 0; member < 2; member++)
                EGG_LOOP(activate)(EGG_ALIGNMENT, in + member * second * from_input.stride + start,
                                   old + member * second * from_state.stride + start,
                                   bias.data + start, NULL, h[member]);
            for (int32_t i = 0; i < EGG_ALIGNMENT; i++) {
                z[start + i] = (int8_t)((int16_t)(f0[start + i] + f1[start + i] + 1) >> 1);
                int16_t twice = (int16_t)(h[0][i] + h[1][i] - 2 * s[start + i]);
                d[start + i] = (int8_t)((int16_t)(twice + 2) >> 2);
            }
        }
    }
}

/// clip((product + half) >> 12); |product| < 2^31 - 2^11.
static inline int8_t EGG_LOOP(scaled_credit)(int32_t product) {
    return egg_clip((product + (1 << (egg_credit_bits - 1))) >> egg_credit_bits);
}

/// A sum within the range of δ.
static inline int32_t EGG_LOOP(bounded_delta)(int32_t sum) {
    return sum > INT16_MAX ? INT16_MAX : sum < -INT16_MAX ? -INT16_MAX : sum;
}

static void EGG_LOOP(correlate)(int32_t rows, int32_t width, int32_t draws, const int8_t *fitness,
                                egg_const_rows noise, int32_t rows_per_draw, int32_t scale,
                                egg_out_rows16 out) {
    int32_t padded = egg_padded(width), half = 1 << (egg_correlation_bits - 1);
    for (int32_t row = 0; row < rows; row++) {
        int16_t *restrict result = out.data + row * out.stride;
        for (int32_t start = 0; start < padded; start += EGG_ALIGNMENT) {
            int32_t sums[EGG_ALIGNMENT] = {0};
            for (int32_t draw = 0; draw < draws; draw++) {
                ptrdiff_t from = row + (ptrdiff_t)draw * rows_per_draw;
                const int8_t *restrict change = noise.data + from * noise.stride + start;
                int16_t f = fitness[from];
                for (int32_t i = 0; i < EGG_ALIGNMENT; i++) sums[i] += (int16_t)(f * change[i]);
            }
            for (int32_t i = 0; i < EGG_ALIGNMENT; i++) {
                int32_t scaled = (sums[i] * scale + half) >> egg_correlation_bits;
                result[start + i] = (int16_t)EGG_LOOP(bounded_delta)(scaled);
            }
        }
    }
}

static void EGG_LOOP(credit)(int32_t rows, int32_t width, egg_const_rows16 correlation,
                             int32_t multiplier, egg_const_rows feedback,
                             int32_t feedback_multiplier, egg_out_rows out) {
    int32_t padded = egg_padded(width), half = 1 << (egg_site_bits - 1);
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *restrict values = correlation.data + row * correlation.stride;
        int8_t *restrict result = out.data + row * out.stride;
        if (feedback.data == NULL) {
            for (int32_t i = 0; i < padded; i++)
                result[i] = egg_clip((values[i] * multiplier + half) >> egg_site_bits);
            continue;
        }
        const int8_t *restrict predicted = feedback.data + row * feedback.stride;
        for (int32_t i = 0; i < padded; i++) {
            int32_t sum = values[i] * multiplier + predicted[i] * feedback_multiplier;
            result[i] = egg_clip((sum + half) >> egg_site_bits);
        }
    }
}

static void EGG_LOOP(state_credit)(int32_t rows, int32_t width, egg_state_credit *c) {
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *restrict own = c->correlation.data + row * c->correlation.stride;
        const int8_t *restrict z = c->openness.data + row * c->openness.stride;
        const int8_t *restrict d = c->distance.data + row * c->distance.stride;
        int16_t *restrict delta = c->delta + row * c->delta_stride;
        int8_t *restrict candidate = c->candidate.data + row * c->candidate.stride;
        int8_t *restrict gate = c->gate.data + row * c->gate.stride;
        int32_t open_scale = c->multipliers[0], gate_scale = c->multipliers[1];
        int32_t squares[2] = {0, 0};
        for (int32_t i = 0; i < width; i++) {
            int32_t sum = EGG_LOOP(bounded_delta)(own[i] + delta[i]);
            int32_t z_i = z[i] + 127;
            int8_t e_h = EGG_LOOP(scaled_credit)(((sum * z_i + 64) >> 7) * open_scale);
            int8_t e_f = EGG_LOOP(scaled_credit)(((sum * d[i] + 64) >> 7) * gate_scale);
            squares[0] += e_h * e_h;
            squares[1] += e_f * e_f;
            candidate[i] = e_h;
            gate[i] = e_f;
            // What the state before this token gets of it.
            delta[i] = (int16_t)((sum * (256 - z_i) + 128) >> 8);
        }
        c->squares[0] += squares[0];
        c->squares[1] += squares[1];
    }
}

static void EGG_LOOP(add_rows)(int32_t rows, int32_t width, egg_const_rows in,
                               const uint8_t *tokens, int32_t *sums) {
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict values = in.data + row * in.stride;
        int32_t *restrict sum = sums + (ptrdiff_t)tokens[row] * width;
        for (int32_t i = 0; i < width; i++) sum[i] += values[i];
    }
}

// MARK: learned feedback

static void EGG_LOOP(add_dots)(int32_t rows, int32_t width, egg_const_rows a, egg_const_rows b,
                               int64_t *sums) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict first = a.data + row * a.stride;
        const int8_t *restrict second = b.data + row * b.stride;
        int32_t sum = 0;
        for (int32_t i = 0; i < padded; i++) sum += (int16_t)(first[i] * second[i]);
        sums[row] += sum;
    }
}

static void EGG_LOOP(mask_rows)(int32_t rows, int32_t width, egg_const_rows x, egg_out_rows out) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict values = x.data + row * x.stride;
        int8_t *restrict result = out.data + row * out.stride;
        for (int32_t i = 0; i < padded; i++) result[i] = (int8_t)(result[i] & -(values[i] > 0));
    }
}

static void EGG_LOOP(add_scaled)(int32_t rows, int32_t width, egg_const_rows in,
                                 int32_t multiplier, int16_t *delta, ptrdiff_t delta_stride) {
    int32_t padded = egg_padded(width), half = 1 << (egg_credit_bits - 1);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict values = in.data + row * in.stride;
        int16_t *restrict result = delta + row * delta_stride;
        for (int32_t i = 0; i < padded; i++) {
            int32_t change = (values[i] * multiplier + half) >> egg_credit_bits;
            result[i] = (int16_t)EGG_LOOP(bounded_delta)(result[i] + change);
        }
    }
}

#endif
