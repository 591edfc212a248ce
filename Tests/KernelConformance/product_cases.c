// Cases of `pack` and `product`.
#include <stdio.h>
#include <string.h>

#include "conformance.h"

typedef struct {
    int32_t rows, inputs, outputs, root;
} product_shape;

/// Where x·B·A passes Int32, and the ends of what a model may have.
static product_shape draw_large(generator *g) {
    static const int32_t inputs[] = {1039, 1040, 1041, 1042, 1500, 2048, 4095, 8192, 16383};
    int32_t count = (int32_t)(sizeof inputs / sizeof inputs[0]);
    product_shape s = {.inputs = inputs[draw_between(g, 0, count - 1)]};
    s.rows = draw_between(g, 1, 9);
    s.outputs = draw_between(g, 1, 40);
    return s;
}

static product_shape draw_shape(generator *g) {
    if (draw(g) % 16 == 0) return draw_large(g);
    row_shape a = draw_row_shape(g, most_rows, 300), b = draw_row_shape(g, 1, 300);
    // Most cases small: a wrong lane or tail shows in them as well, and sooner.
    bool small = draw(g) % 8 != 0;
    return (product_shape){a.rows, small ? 1 + a.width % 70 : a.width,
                           small ? 1 + b.width % 70 : b.width, 0};
}

static int32_t floor_of_root(int32_t value) {
    int32_t root = 1;
    while ((root + 1) * (root + 1) <= value) root++;
    return root;
}

static const int8_t *draw_weights(conformance *c, product_shape s) {
    int8_t *weights = take(c, (size_t)s.outputs * (size_t)s.inputs);
    bool whole = draw(&c->random) % 2;
    if (whole) {
        draw_values(&c->random, weights, s.outputs * s.inputs);
        return weights;
    }
    for (int32_t o = 0; o < s.outputs; o++)
        draw_values(&c->random, weights + (ptrdiff_t)o * s.inputs, s.inputs);
    return weights;
}

/// Sets rows to one end of the range: their sums of products are the largest that there are.
static void saturate(generator *g, const int8_t *data, ptrdiff_t stride, int32_t rows,
                     int32_t width, int32_t most) {
    for (int32_t row = 0; row < rows; row++)
        memset((int8_t *)data + row * stride, draw(g) % 4 ? most : -most, (size_t)width);
}

void product_case(conformance *c) {
    generator *g = &c->random;
    product_shape s = draw_shape(g);
    s.root = draw(g) % 2 ? floor_of_root(s.inputs) : draw_between(g, 1, EGG_MAX_DIVISOR_ROOT);
    const int8_t *weights = draw_weights(c, s);
    egg_const_rows x = draw_rows(c, s.rows, s.inputs);
    int32_t pairs;
    egg_rows rows = draw_members(c, s.rows, &pairs);
    egg_perturbation noise = {0};
    if (draw(g) % 4) noise = draw_ranked(c, pairs, s.outputs, s.inputs);
    if (noise.a != NULL && s.inputs > 300 && draw(g) % 2) {
        int32_t most = noise.rank > 1 ? 64 : 127;
        saturate(g, x.data, x.stride, s.rows, s.inputs, 127);
        saturate(g, noise.a, noise.a_stride, pairs * noise.rank, s.outputs, most);
        saturate(g, noise.b, noise.b_stride, pairs * noise.rank, s.inputs, most);
    }
    if (noise.a == NULL) rows.pair = rows.sign = NULL;
    egg_out_rows out = draw_output_rows(c, "out", s.rows, s.outputs);
    snprintf(c->operands, sizeof c->operands,
             "%d rows, %d inputs, %d outputs, root %d, %s, rank %d, shift %d", s.rows, s.inputs,
             s.outputs, s.root, noise.a == NULL ? "clean" : "perturbed", noise.rank, noise.shift);
    while (next_kernel(c)) {
        void *packed = take(c, c->kernel->packed_bytes(s.outputs, s.inputs));
        c->kernel->pack(weights, s.outputs, s.inputs, packed);
        void *scratch = take(c, c->kernel->product_scratch(s.rows, s.inputs));
        egg_product product = {.inputs = s.inputs, .outputs = s.outputs, .root = s.root,
                               .weights = packed, .x = x.data, .x_stride = x.stride,
                               .out = out.data, .out_stride = out.stride, .noise = noise};
        c->kernel->product(&product, rows, scratch);
    }
}
