// Cases of the operations on rows of activations.
#include <stdio.h>

#include "conformance.h"

static row_shape draw_shape(conformance *c) {
    row_shape s = draw_row_shape(&c->random, most_rows, 300);
    snprintf(c->operands, sizeof c->operands, "%d rows, width %d", s.rows, s.width);
    return s;
}

void normalize_case(conformance *c) {
    row_shape s = draw_shape(c);
    egg_const_rows x = draw_rows(c, s.rows, s.width), gain = draw_rows_or_one(c, s.rows, s.width);
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c)) c->kernel->normalize(s.rows, s.width, x, gain, out);
}

void embed_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_shape(c);
    int32_t vocabulary = draw_between(g, 1, 256), pairs;
    ptrdiff_t padded = padded_width(s.width), token_stride = draw_between(g, 1, 5);
    int8_t *embedding = take(c, (size_t)(vocabulary * padded));
    for (int32_t token = 0; token < vocabulary; token++) {
        draw_values(g, embedding + token * padded, s.width);
        for (ptrdiff_t i = s.width; i < padded; i++) embedding[token * padded + i] = 0;
    }
    uint8_t *tokens = take(c, (size_t)((s.rows - 1) * token_stride + 1));
    for (int32_t row = 0; row < s.rows; row++)
        tokens[row * token_stride] = (uint8_t)draw_between(g, 0, vocabulary - 1);
    egg_rows rows = draw_members(c, s.rows, &pairs);
    egg_perturbation noise = {0};
    if (draw(g) % 4) noise = draw_ranked(c, pairs, vocabulary, s.width);
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c))
        c->kernel->embed(rows, s.width, embedding, tokens, token_stride, &noise, out);
}

void perturb_vector_case(conformance *c) {
    row_shape s = draw_shape(c);
    int32_t pairs;
    egg_const_rows values = draw_rows(c, 1, s.width);
    egg_rows rows = draw_members(c, s.rows, &pairs);
    egg_perturbation noise = draw_perturbation(c, pairs, s.width, s.width);
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.width);
    while (next_kernel(c)) c->kernel->perturb_vector(rows, s.width, values.data, &noise, out);
}

const int8_t *draw_table(conformance *c) {
    if (draw(&c->random) % 2) return NULL;
    int8_t *table = take(c, 256);
    draw_values(&c->random, table, 256);
    table[128] = 0;
    return table;
}

void gate_case(conformance *c) {
    row_shape s = draw_shape(c);
    egg_const_rows from_input = draw_rows(c, s.rows, s.width);
    egg_const_rows from_state = draw_rows(c, s.rows, s.width);
    egg_const_rows bias = draw_rows_or_one(c, s.rows, s.width);
    egg_const_rows state = draw_rows(c, s.rows, s.width);
    const int8_t *table = draw_table(c);
    egg_out_rows f = draw_output_rows(c, "f", s.rows, s.width);
    egg_out_rows gated = draw_output_rows(c, "gated", s.rows, s.width);
    while (next_kernel(c))
        c->kernel->gate(s.rows, s.width, from_input, from_state, bias, table, state, f, gated);
}

void update_state_case(conformance *c) {
    row_shape s = draw_shape(c);
    egg_const_rows from_input = draw_rows(c, s.rows, s.width);
    egg_const_rows from_state = draw_rows(c, s.rows, s.width);
    egg_const_rows bias = draw_rows_or_one(c, s.rows, s.width);
    egg_const_rows f = draw_rows(c, s.rows, s.width);
    egg_out_rows state = draw_output_rows(c, "state", s.rows, s.width);
    egg_out_rows x = draw_output_rows(c, "x", s.rows, s.width);
    while (next_kernel(c))
        c->kernel->update_state(s.rows, s.width, from_input, from_state, bias, f, state, x);
}

void add_case(conformance *c) {
    row_shape s = draw_shape(c);
    egg_const_rows addend = draw_rows(c, s.rows, s.width);
    egg_out_rows x = draw_output_rows(c, "x", s.rows, s.width);
    while (next_kernel(c)) c->kernel->add(s.rows, s.width, addend, x);
}

void rectify_case(conformance *c) {
    row_shape s = draw_shape(c);
    egg_out_rows x = draw_output_rows(c, "x", s.rows, s.width);
    while (next_kernel(c)) c->kernel->rectify(s.rows, s.width, x);
}
