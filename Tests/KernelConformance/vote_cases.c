// Cases of `votes` and `vector_votes`. Their factors lie in rows that other tensors used before, so
// that the padding holds values.
#include <stdio.h>
#include <string.h>

#include "conformance.h"

/// Fitness of the pairs and its shift, as one of the forms of EvolutionStrategy.Fitness has them, or 1 for each
/// pair, as noise on activations has it.
static const int8_t *draw_fitness(conformance *c, int32_t pairs, int32_t *shift) {
    static const struct {
        int32_t limit, shift;
    } forms[] = {{1, 0}, {7, 2}, {127, 6}};
    generator *g = &c->random;
    int8_t *fitness = take(c, (size_t)pairs);
    if (draw(g) % 4 == 0) {
        memset(fitness, 1, (size_t)pairs);
        *shift = 0;
        return fitness;
    }
    int32_t form = draw_between(g, 0, 2), limit = forms[form].limit;
    for (int32_t pair = 0; pair < pairs; pair++)
        fitness[pair] = (int8_t)(draw(g) % 4 ? draw_between(g, -limit, limit)
                                 : draw(g) % 2 ? limit
                                               : -limit);
    *shift = forms[form].shift;
    return fitness;
}

static int32_t *draw_votes(conformance *c, int32_t rows, int32_t columns, ptrdiff_t stride) {
    int32_t *e = take_output(c, (output){.name = "e", .rows = rows, .element = 4,
                                         .used = (size_t)columns * 4,
                                         .stride = (size_t)stride * 4});
    for (ptrdiff_t i = 0; i < rows * stride; i++)
        e[i] = draw_between(&c->random, -(1 << 28), 1 << 28);
    return e;
}

void votes_case(conformance *c) {
    generator *g = &c->random;
    int32_t pairs = draw_row_shape(g, EGG_VOTE_PAIRS, 1).rows, shift;
    row_shape s = draw_row_shape(g, EGG_VOTE_ROWS, 300);
    if (draw(g) % 4) s.width = 1 + s.width % 70;
    egg_const_rows a = draw_rows_and_padding(c, pairs, s.rows);
    egg_const_rows b = draw_rows_and_padding(c, pairs, s.width);
    const int8_t *fitness = draw_fitness(c, pairs, &shift);
    ptrdiff_t stride = s.width + (draw(g) % 2 ? draw_between(g, 0, 20) : 0);
    int32_t *e = draw_votes(c, s.rows, s.width, stride);
    snprintf(c->operands, sizeof c->operands, "%d pairs, %d rows, %d columns, shift %d", pairs,
             s.rows, s.width, shift);
    while (next_kernel(c)) {
        void *scratch = take(c, c->kernel->vote_scratch(s.width));
        c->kernel->votes(pairs, s.rows, s.width, a, b, fitness, shift, e, stride, scratch);
    }
}

void vector_votes_case(conformance *c) {
    row_shape s = draw_row_shape(&c->random, EGG_VOTE_PAIRS, 300);
    int32_t shift;
    egg_const_rows a = draw_rows_and_padding(c, s.rows, s.width);
    egg_const_rows b = draw_rows_and_padding(c, s.rows, s.width);
    const int8_t *fitness = draw_fitness(c, s.rows, &shift);
    int32_t *e = draw_votes(c, 1, s.width, s.width);
    snprintf(c->operands, sizeof c->operands, "%d pairs, width %d, shift %d", s.rows, s.width,
             shift);
    while (next_kernel(c))
        c->kernel->vector_votes(s.rows, s.width, a, b, fitness, shift, e);
}
