// Cases of `log_likelihood` and `noise`.
#include <stdio.h>

#include "conformance.h"
#include "loss_tables.h"

void log_likelihood_case(conformance *c) {
    generator *g = &c->random;
    row_shape s = draw_row_shape(g, most_rows, 256);
    egg_const_rows logits = draw_rows(c, s.rows, s.width);
    ptrdiff_t stride = draw_between(g, 1, 5);
    uint8_t *targets = take(c, (size_t)((s.rows - 1) * stride + 1));
    for (int32_t row = 0; row < s.rows; row++)
        targets[row * stride] = (uint8_t)draw_between(g, 0, s.width - 1);
    egg_loss_tables *tables = take(c, sizeof *tables);
    fill_loss_tables(tables, draw(g) % 2 ? 4 : 10);
    int32_t *scores = take_output(c, (output){.name = "scores", .rows = 1, .element = 4,
                                              .used = (size_t)s.rows * 4,
                                              .stride = (size_t)s.rows * 4});
    for (int32_t row = 0; row < s.rows; row++) scores[row] = draw_between(g, -(1 << 24), 1 << 24);
    snprintf(c->operands, sizeof c->operands, "%d rows, vocabulary %d, %d fraction bits", s.rows,
             s.width, tables->fraction_bits);
    while (next_kernel(c))
        c->kernel->log_likelihood(s.rows, s.width, logits, targets, stride, tables, scores);
}

void noise_case(conformance *c) {
    generator *g = &c->random;
    uint8_t *threshold = take(c, 128), *alias = take(c, 128);
    for (int32_t i = 0; i < 128; i++) {
        threshold[i] = (uint8_t)draw(g);
        alias[i] = (uint8_t)(draw(g) & 127);
    }
    uint64_t seed = draw(g), rest = draw(g);
    egg_noise key = {.seed_low = (uint32_t)seed, .seed_high = (uint32_t)(seed >> 32),
                     .index = (uint32_t)rest, .selector = (uint32_t)(rest >> 32),
                     .epoch = (uint32_t)draw(g), .threshold = threshold, .alias = alias};
    int32_t count = draw_row_shape(g, 1, draw(g) % 8 ? 300 : 2100).width;
    int32_t first = draw(g) % 4 == 0 ? 0 : 64 * draw_between(g, 0, draw(g) % 2 ? 20 : 1 << 24);
    int8_t *out = take_output(c, (output){.name = "noise", .rows = 1, .element = 1,
                                          .used = (size_t)count, .stride = (size_t)count});
    draw_values(g, out, count);
    snprintf(c->operands, sizeof c->operands, "%d values from %d", count, first);
    while (next_kernel(c)) c->kernel->noise(&key, first, count, out);
}
