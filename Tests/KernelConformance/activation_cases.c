// Cases of the functions of node perturbation.
#include <stdio.h>

#include "conformance.h"

/// Pairs and a width; member arrays have twice as many rows.
static row_shape draw_pairs(conformance *c) {
    row_shape s = draw_row_shape(&c->random, most_rows / 2, 300);
    snprintf(c->operands, sizeof c->operands, "%d pairs, width %d", s.rows, s.width);
    return s;
}

static const int8_t *draw_fitness(conformance *c, int32_t count) {
    int8_t *fitness = take(c, (size_t)count);
    draw_values(&c->random, fitness, count);
    return fitness;
}

static const uint8_t *draw_bytes(conformance *c, int32_t count, int32_t most) {
    uint8_t *bytes = take(c, (size_t)count);
    for (int32_t i = 0; i < count; i++) bytes[i] = (uint8_t)draw_between(&c->random, 0, most);
    return bytes;
}

void spread_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows in = draw_rows(c, s.rows, s.width);
    egg_out_rows out = draw_output_rows(c, "out", 2 * s.rows, s.width);
    while (next_kernel(c)) c->kernel->spread(s.rows, s.width, in, out);
}

void average_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows in = draw_rows(c, 2 * s.rows, s.width);
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c)) c->kernel->average(s.rows, s.width, in, out);
}

void scale_noise_case(conformance *c) {
    row_shape s = draw_pairs(c);
    int32_t deviation = draw_between(&c->random, 1, 30);
    egg_out_rows noise = draw_output_rows(c, "noise", s.rows, s.width);
    while (next_kernel(c)) c->kernel->scale_noise(s.rows, s.width, deviation, noise);
}

void perturb_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows noise = draw_rows(c, s.rows, s.width);
    egg_out_rows x = draw_output_rows(c, "x", 2 * s.rows, s.width);
    while (next_kernel(c)) c->kernel->perturb(s.rows, s.width, noise, x);
}

void mask_noise_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows x = draw_rows(c, 2 * s.rows, s.width);
    egg_out_rows noise = draw_output_rows(c, "noise", s.rows, s.width);
    while (next_kernel(c)) c->kernel->mask_noise(s.rows, s.width, x, noise);
}

void gate_factors_case(conformance *c) {
    row_shape s = draw_pairs(c);
    int32_t members = draw_between(&c->random, 1, 2), rows = members * s.rows;
    egg_const_rows from_input = draw_rows(c, rows, s.width);
    egg_const_rows from_state = draw_rows(c, rows, s.width);
    egg_const_rows bias = draw_rows(c, 1, s.width), f = draw_rows(c, rows, s.width);
    egg_const_rows state = draw_rows(c, s.rows, s.width);
    egg_out_rows openness = draw_output_rows(c, "openness", s.rows, s.width);
    egg_out_rows distance = draw_output_rows(c, "distance", s.rows, s.width);
    while (next_kernel(c))
        c->kernel->gate_factors(s.rows, members, s.width, from_input, from_state, bias, f,
                                state, openness, distance);
}

/// δ of each row, within its bound.
static int16_t *draw_delta(conformance *c, row_shape s, ptrdiff_t stride) {
    int16_t *delta = take_output(
        c, (output){.name = "delta", .rows = s.rows, .used = (size_t)s.width * sizeof(int16_t),
                    .stride = (size_t)stride * sizeof(int16_t), .element = sizeof(int16_t)});
    for (int32_t row = 0; row < s.rows; row++)
        for (int32_t i = 0; i < stride; i++)
            delta[row * stride + i] = (int16_t)draw_between(&c->random, -32767, 32767);
    return delta;
}

/// Rows of a correlation that is read.
static egg_const_rows16 draw_correlation(conformance *c, row_shape s) {
    ptrdiff_t stride = padded_width(s.width);
    int16_t *values = take(c, (size_t)(s.rows * stride) * sizeof *values);
    for (ptrdiff_t i = 0; i < s.rows * stride; i++)
        values[i] = i % stride < s.width ? (int16_t)draw_between(&c->random, -32767, 32767) : 0;
    return (egg_const_rows16){values, stride};
}

void correlate_case(conformance *c) {
    row_shape s = draw_pairs(c);
    int32_t draws = draw_between(&c->random, 1, 5);
    if (draw(&c->random) % 8 == 0) draws = 64, s.rows = 1 + s.rows % 8;
    int32_t apart = s.rows + (int32_t)(draw(&c->random) % 3);
    const int8_t *fitness = draw_fitness(c, draws * apart);
    egg_const_rows noise = draw_rows(c, draws * apart, s.width);
    int32_t most_scale = (draw(&c->random) % 2 ? 1 << 10 : 1 << 17) / draws;
    int32_t scale = draw_between(&c->random, 1, most_scale);
    ptrdiff_t stride = padded_width(s.width);
    size_t bytes = (size_t)stride * sizeof(int16_t);
    egg_out_rows16 out = {take_output(c, (output){.name = "out", .rows = s.rows, .used = bytes,
                                                  .stride = bytes, .element = sizeof(int16_t)}),
                          stride};
    while (next_kernel(c))
        c->kernel->correlate(s.rows, s.width, draws, fitness, noise, apart, scale, out);
}

void credit_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows16 correlation = draw_correlation(c, s);
    bool extreme = draw(&c->random) % 2;
    int32_t multiplier = draw_between(&c->random, 1, extreme ? (1 << 15) - 1 : 7168);
    int32_t feedback_multiplier = 0;
    egg_const_rows feedback = {NULL, 0};
    if (draw(&c->random) % 2) {
        feedback = draw_rows(c, s.rows, s.width);
        feedback_multiplier = draw_between(&c->random, 0, extreme ? (1 << 23) - 1 : 65535);
    }
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c))
        c->kernel->credit(s.rows, s.width, correlation, multiplier, feedback, feedback_multiplier,
                          out);
}

void state_credit_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_state_credit step = {
        .correlation = draw_correlation(c, s),
        .openness = draw_rows(c, s.rows, s.width),
        .distance = draw_rows(c, s.rows, s.width),
        .delta_stride = padded_width(s.width),
        .multipliers = {draw_between(&c->random, 1, 32767), draw_between(&c->random, 1, 32767)},
    };
    step.delta = draw_delta(c, s, step.delta_stride);
    step.candidate = draw_output_rows(c, "candidate", s.rows, s.width);
    step.gate = draw_output_rows(c, "gate", s.rows, s.width);
    int64_t *squares = take_output(c, (output){.name = "squares", .rows = 1,
                                               .used = 2 * sizeof(int64_t),
                                               .stride = 2 * sizeof(int64_t),
                                               .element = sizeof(int32_t)});
    squares[0] = 7, squares[1] = 9;
    while (next_kernel(c)) {
        step.squares[0] = squares[0], step.squares[1] = squares[1];
        c->kernel->state_credit(s.rows, s.width, &step);
        squares[0] = step.squares[0], squares[1] = step.squares[1];
    }
}

void softmax_error_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_row_shape(g, most_rows / 2, 256);
    snprintf(c->operands, sizeof c->operands, "%d pairs, vocabulary %d", s.rows, s.width);
    egg_const_rows logits = draw_rows(c, 2 * s.rows, s.width);
    const uint8_t *targets = draw_bytes(c, s.rows, s.width - 1);
    const uint8_t *dither = draw_bytes(c, s.rows, 255);
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c))
        c->kernel->softmax_error(s.rows, s.width, logits, targets, dither, out);
}

void add_rows_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_pairs(c);
    int32_t vocabulary = draw_between(g, 1, 256);
    egg_const_rows in = draw_rows(c, s.rows, s.width);
    const uint8_t *tokens = draw_bytes(c, s.rows, vocabulary - 1);
    size_t bytes = (size_t)s.width * sizeof(int32_t);
    int32_t *sums = take_output(c, (output){.name = "sums", .rows = vocabulary, .used = bytes,
                                            .stride = bytes, .element = sizeof(int32_t)});
    for (int32_t i = 0; i < vocabulary * s.width; i++) sums[i] = draw_between(g, -9999, 9999);
    while (next_kernel(c)) c->kernel->add_rows(s.rows, s.width, in, tokens, sums);
}

void add_dots_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows a = draw_rows(c, s.rows, s.width), b = draw_rows(c, s.rows, s.width);
    int64_t *sums = take_output(c, (output){.name = "sums", .rows = s.rows,
                                            .used = sizeof(int64_t), .stride = sizeof(int64_t),
                                            .element = sizeof(int32_t)});
    for (int32_t row = 0; row < s.rows; row++)
        sums[row] = (int64_t)draw_between(&c->random, -9999, 9999) * (1 << 20);
    while (next_kernel(c)) c->kernel->add_dots(s.rows, s.width, a, b, sums);
}

void mask_rows_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows x = draw_rows(c, s.rows, s.width);
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c)) c->kernel->mask_rows(s.rows, s.width, x, out);
}

void add_scaled_case(conformance *c) {
    row_shape s = draw_pairs(c);
    egg_const_rows in = draw_rows(c, s.rows, s.width);
    int32_t multiplier = draw_between(&c->random, 0, draw(&c->random) % 2 ? 8191 : (1 << 24) - 1);
    ptrdiff_t stride = padded_width(s.width);
    int16_t *delta = draw_delta(c, s, stride);
    while (next_kernel(c)) c->kernel->add_scaled(s.rows, s.width, in, multiplier, delta, stride);
}
