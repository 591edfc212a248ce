// Cases of the rows that contexts choose.
#include <stdio.h>

#include "conformance.h"

enum {
    most_contexts = 16,
    most_table_rows = 40,
    most_moves = 60,
    noise_bound = 64,  // of A and of B
};

/// Rows of `table_rows` rows of a table, most of them, or few again and again.
static const uint32_t *draw_indices(conformance *c, int32_t count, int32_t table_rows) {
    uint32_t *indices = take(c, (size_t)count * sizeof(uint32_t));
    int32_t last = draw(&c->random) % 4 ? table_rows - 1 : draw_between(&c->random, 0, 1);
    if (last >= table_rows) last = table_rows - 1;
    for (int32_t i = 0; i < count; i++) indices[i] = (uint32_t)draw_between(&c->random, 0, last);
    return indices;
}

/// A few contexts, any number of them, or the most there are.
static int32_t draw_contexts(generator *g) {
    switch (draw(g) % 8) {
        case 0: return most_contexts;
        case 1: return draw_between(g, 1, most_contexts);
        default: return draw_between(g, 1, 6);
    }
}

/// The noise of the rows, 0 for some of them, or the largest there is.
static const int16_t *draw_sums(conformance *c, int32_t rows, int32_t contexts) {
    int16_t *sums = take(c, (size_t)rows * sizeof(int16_t));
    int32_t most = contexts * noise_bound;
    for (int32_t row = 0; row < rows; row++) {
        switch (draw_between(&c->random, 0, 5)) {
            case 0: sums[row] = 0; break;
            case 1: sums[row] = (int16_t)most; break;
            case 2: sums[row] = (int16_t)-most; break;
            default: sums[row] = (int16_t)draw_between(&c->random, -most, most);
        }
    }
    return sums;
}

/// Rows of B, whose values noise keeps within ±64.
static egg_const_rows draw_b(conformance *c, int32_t pairs, int32_t width) {
    egg_const_rows b = draw_rows(c, pairs, width);
    for (int32_t row = 0; row < pairs; row++)
        for (int32_t i = 0; i < width; i++) {
            int8_t *value = (int8_t *)b.data + row * b.stride + i;
            if (*value > noise_bound) *value = noise_bound;
            if (*value < -noise_bound) *value = -noise_bound;
        }
    return b;
}

/// Rows of a table.
static egg_chosen_rows draw_chosen(conformance *c, int32_t rows, int32_t contexts,
                                   int32_t table_rows, int32_t width) {
    return (egg_chosen_rows){
        .table = draw_rows(c, table_rows, width),
        .indices = draw_indices(c, rows * contexts, table_rows),
        .contexts = contexts,
    };
}

void add_contexts_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_row_shape(g, most_rows, 300);
    int32_t contexts = draw_contexts(g);
    int32_t table_rows = draw_between(g, 1, most_table_rows), pairs;
    bool noisy = draw(g) % 2;
    snprintf(c->operands, sizeof c->operands, "%d rows, width %d, %d contexts, table of %d rows%s",
             s.rows, s.width, contexts, table_rows, noisy ? ", with noise" : "");
    egg_contexts read = {
        .chosen = draw_chosen(c, s.rows, contexts, table_rows, s.width),
    };
    egg_rows rows = draw_members(c, s.rows, &pairs);
    if (noisy) {
        egg_const_rows b = draw_b(c, pairs, s.width);
        read.noise = draw_sums(c, s.rows, contexts);
        read.b = b.data, read.b_stride = b.stride;
        read.shift = draw_between(g, 6, 14);
    }
    egg_out_rows x = draw_output_rows(c, "x", s.rows, s.width);
    while (next_kernel(c)) c->kernel->add_contexts(rows, s.width, &read, x);
}

// MARK: noise of rows

static egg_row_noise draw_row_noise(conformance *c) {
    generator *g = &c->random;
    uint8_t *threshold = take(c, 128), *alias = take(c, 128);
    for (int32_t i = 0; i < 128; i++) {
        threshold[i] = (uint8_t)draw(g);
        alias[i] = (uint8_t)(draw(g) & 127);
    }
    return (egg_row_noise){draw(g), threshold, alias};
}

/// Hashes of contexts: any numbers, and the first and the last there are.
static const uint32_t *draw_hashes(conformance *c, int32_t count) {
    uint32_t *hashes = take(c, (size_t)count * sizeof(uint32_t));
    for (int32_t i = 0; i < count; i++) {
        uint64_t random = draw(&c->random);
        hashes[i] = random % 8 == 0 ? 0 : random % 8 == 1 ? UINT32_MAX : (uint32_t)(random >> 32);
    }
    return hashes;
}

/// The number of a pair: 0, a small one, or any below 2^23.
static uint32_t draw_pair(generator *g) {
    if (draw(g) % 4 == 0) return 0;
    return (uint32_t)draw_between(g, 0, draw(g) % 2 ? 9 : (1 << 23) - 1);
}

void sum_row_noise_case(conformance *c) {
    generator *g = &c->random;
    int32_t count = draw_row_shape(g, most_rows, 1).rows, pairs;
    int32_t contexts = draw_contexts(g);
    egg_row_noise noise = draw_row_noise(c);
    const uint32_t *hashes = draw_hashes(c, count * contexts);
    egg_rows rows = draw_members(c, count, &pairs);
    uint32_t first = draw_pair(g);
    int16_t *sums = take_output(c, (output){.name = "sums", .rows = 1, .element = 2,
                                            .used = (size_t)count * 2,
                                            .stride = (size_t)count * 2});
    for (int32_t row = 0; row < count; row++) sums[row] = (int16_t)draw(g);
    snprintf(c->operands, sizeof c->operands, "%d rows, %d contexts, pairs from %u", count,
             contexts, first);
    while (next_kernel(c)) c->kernel->sum_row_noise(rows, contexts, hashes, &noise, first, sums);
}

void row_noise_case(conformance *c) {
    generator *g = &c->random;
    int32_t count = draw_row_shape(g, 1, draw(g) % 8 ? EGG_VOTE_ROWS : 2000).width;
    egg_row_noise noise = draw_row_noise(c);
    const uint32_t *hashes = draw_hashes(c, count);
    uint32_t pair = draw_pair(g);
    int8_t *out = take_output(c, (output){.name = "noise", .rows = 1, .element = 1,
                                          .used = (size_t)count, .stride = (size_t)count});
    draw_values(g, out, count);
    snprintf(c->operands, sizeof c->operands, "%d values of pair %u", count, pair);
    while (next_kernel(c)) c->kernel->row_noise(count, hashes, &noise, pair, out);
}

// MARK: logits

void add_direct_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_row_shape(g, most_rows, 256);
    int32_t contexts = draw_contexts(g);
    int32_t table_rows = draw_between(g, 1, most_table_rows), groups = 0, sources = s.rows;
    if (draw(g) % 2) {
        sources = groups = 1 + s.rows / 8;
        s.rows = 2 * groups * draw_between(g, 1, 4);  // of so many draws
    }
    snprintf(c->operands, sizeof c->operands,
             "%d rows, %d groups, vocabulary %d, %d contexts, table of %d rows", s.rows, groups,
             s.width, contexts, table_rows);
    egg_chosen_rows chosen = draw_chosen(c, sources, contexts, table_rows, s.width);
    egg_out_rows logits = draw_output_rows(c, "logits", s.rows, s.width);
    while (next_kernel(c)) c->kernel->add_direct(s.rows, groups, s.width, &chosen, logits);
}

// MARK: moves

/// A rate of 0, of 1, any between them, or up to the largest there is.
static int32_t draw_rate(generator *g) {
    if (draw(g) % 2) return draw_between(g, 0, draw(g) % 4 ? 1 << 20 : 1 << 23);
    switch (draw_between(g, 0, 7)) {
        case 0: return 0;
        case 1: return 1 << 16;
        case 2: return draw_between(g, 0, 200);
        default: return draw_between(g, 0, 1 << 16);
    }
}

static uint32_t draw_dither(generator *g) {
    switch (draw_between(g, 0, 7)) {
        case 0: return 0;
        case 1: return 0xFFFF;
        default: return (uint32_t)draw_between(g, 0, 0xFFFF);
    }
}

/// What fine values are above their weights: any bytes.
static int8_t *draw_parts(conformance *c, row_shape s, ptrdiff_t stride) {
    int8_t *parts = take_output(c, (output){.name = "parts", .rows = s.rows,
                                            .used = (size_t)s.width, .stride = (size_t)stride,
                                            .element = 1});
    for (ptrdiff_t i = 0; i < s.rows * stride; i++)
        parts[i] = i % stride < s.width ? (int8_t)draw(&c->random) : 0;
    return parts;
}

void move_rows_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_row_shape(g, most_table_rows, 300);
    int32_t moves = draw_between(g, 0, most_moves), credit_rows = draw_between(g, 1, most_moves);
    snprintf(c->operands, sizeof c->operands, "%d moves, width %d, table of %d rows", moves,
             s.width, s.rows);
    const uint32_t *rows = draw_indices(c, moves, s.rows);
    const uint32_t *credit = draw_indices(c, moves, credit_rows);
    egg_row_move *list = take(c, (size_t)moves * sizeof(egg_row_move));
    for (int32_t i = 0; i < moves; i++)
        list[i] = (egg_row_move){rows[i], credit[i], draw_rate(g), draw_dither(g), draw(g) % 4 == 0};
    egg_const_rows credits = draw_rows(c, credit_rows, s.width);
    egg_out_rows weights = draw_output_rows(c, "weights", s.rows, s.width);
    egg_fine_rows table = {
        weights.data, draw_parts(c, s, weights.stride), weights.stride};
    while (next_kernel(c)) c->kernel->move_rows(moves, s.width, list, credits, table);
}
