// Random operands and the guarded memory that they lie in.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance.h"

// MARK: values

uint64_t draw(generator *g) {
    uint64_t z = g->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

int32_t draw_between(generator *g, int32_t low, int32_t high) {
    return low + (int32_t)(draw(g) % (uint64_t)(high - low + 1));
}

/// Bytes in [-127, 127], one in four at an end of the range if `extreme`.
static void draw_random(generator *g, int8_t *out, int32_t count, bool extreme) {
    for (int32_t i = 0; i < count; i += 4) {
        uint64_t word = draw(g);
        for (int32_t j = i; j < i + 4 && j < count; j++, word >>= 16) {
            int32_t value = (int32_t)(word & 0xFF) - 128;
            if (extreme && (word >> 8 & 3) == 0) value = word >> 10 & 1 ? 127 : -127;
            out[j] = (int8_t)(value < -127 ? 127 : value);
        }
    }
}

void draw_values(generator *g, int8_t *out, int32_t count) {
    int32_t kind = draw_between(g, 0, 11);
    switch (kind) {
        case 0: memset(out, 127, (size_t)count); return;
        case 1: memset(out, -127, (size_t)count); return;
        case 2: memset(out, 0, (size_t)count); return;
        case 3:
            for (int32_t i = 0; i < count; i++) out[i] = i % 2 ? -127 : 127;
            return;
        case 4:  // a single value that is not zero
            memset(out, 0, (size_t)count);
            out[draw_between(g, 0, count - 1)] = (int8_t)draw_between(g, -127, 127);
            return;
        case 5:
            for (int32_t i = 0; i < count; i++) out[i] = (int8_t)draw_between(g, -3, 3);
            return;
        default: draw_random(g, out, count, kind < 8);
    }
}

// MARK: memory

void prepare_memory(conformance *c) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int32_t i = 0; i < region_count; i++) {
        uint8_t *mapping = mmap(NULL, region_bytes + page, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANON, -1, 0);
        if (mapping == MAP_FAILED || mprotect(mapping + region_bytes, page, PROT_NONE) != 0) {
            fprintf(stderr, "error: no memory for the operands of a case\n");
            exit(1);
        }
        c->regions[i].mapping = mapping;
    }
    for (int32_t i = 0; i < output_count; i++) {
        c->outputs[i].initial = malloc(2 * (size_t)region_bytes);
        if (c->outputs[i].initial == NULL) exit(1);
        c->outputs[i].expected = c->outputs[i].initial + region_bytes;
    }
}

void *take(conformance *c, size_t bytes) {
    size_t whole = (bytes + EGG_ALIGNMENT - 1) / EGG_ALIGNMENT * EGG_ALIGNMENT;
    if (c->used == region_count || whole + EGG_ALIGNMENT > region_bytes) {
        fprintf(stderr, "error: %s: a case takes more memory than there is\n", c->function);
        exit(1);
    }
    region *r = &c->regions[c->used++];
    r->data = r->mapping + region_bytes - whole;
    r->size = bytes;
    memset(r->data - EGG_ALIGNMENT, 0xA5, whole + EGG_ALIGNMENT);
    return r->data;
}

// MARK: rows

ptrdiff_t padded_width(int32_t width) {
    return (width + EGG_ALIGNMENT - 1) / EGG_ALIGNMENT * EGG_ALIGNMENT;
}

static int32_t draw_size(generator *g, int32_t most) {
    switch (draw_between(g, 0, 7)) {
        case 0: return draw_between(g, 1, most < 8 ? most : 8);
        case 1: return draw_between(g, 1, most < 40 ? most : 40);
        case 2: return most;
        case 3:  // a multiple of 16, or one less
            if (most < 16) return most;
            int32_t multiple = 16 * draw_between(g, 1, most / 16);
            return multiple - draw_between(g, 0, 1);
        default: return draw_between(g, 1, most);
    }
}

row_shape draw_row_shape(generator *g, int32_t most_rows_drawn, int32_t most_width) {
    int32_t rows = draw_size(g, most_rows_drawn);
    return (row_shape){rows, draw_size(g, most_width)};
}

/// Bytes between rows that are at least `width` wide.
static ptrdiff_t draw_stride(generator *g, int32_t width) {
    return padded_width(width) + (draw(g) % 4 == 0 ? EGG_ALIGNMENT : 0);
}

static void fill_rows(conformance *c, int8_t *data, ptrdiff_t stride, int32_t rows, int32_t width,
                      int32_t zeroed) {
    bool alike = draw(&c->random) % 2;  // one pattern for all rows, or one each
    uint64_t state = c->random.state;
    for (int32_t row = 0; row < rows; row++) {
        generator own = {alike ? state : draw(&c->random)};
        draw_values(alike ? &own : &c->random, data + row * stride, width);
        memset(data + row * stride + width, 0, (size_t)(zeroed - width));
    }
    draw(&c->random);
}

static egg_const_rows draw_strided(conformance *c, int32_t rows, int32_t width, int32_t values,
                                   int32_t zeroed) {
    ptrdiff_t stride = draw_stride(&c->random, width);
    int8_t *data = take(c, (size_t)(rows * stride));
    fill_rows(c, data, stride, rows, values, zeroed);
    return (egg_const_rows){data, stride};
}

egg_const_rows draw_rows(conformance *c, int32_t rows, int32_t width) {
    return draw_strided(c, rows, width, width, (int32_t)padded_width(width));
}

egg_const_rows draw_rows_or_one(conformance *c, int32_t rows, int32_t width) {
    if (draw(&c->random) % 2) return draw_rows(c, rows, width);
    egg_const_rows one = draw_rows(c, 1, width);
    one.stride = 0;
    return one;
}

egg_const_rows draw_rows_and_padding(conformance *c, int32_t rows, int32_t width) {
    int32_t padded = (int32_t)padded_width(width);
    return draw_strided(c, rows, width, padded, padded);
}

egg_out_rows draw_output_rows(conformance *c, const char *name, int32_t rows, int32_t width) {
    ptrdiff_t stride = draw_stride(&c->random, width);
    int8_t *data = take_output(c, (output){.name = name, .rows = rows, .used = (size_t)width,
                                           .stride = (size_t)stride, .element = 1});
    fill_rows(c, data, stride, rows, width, (int32_t)padded_width(width));
    return (egg_out_rows){data, stride};
}

// MARK: noise

egg_rows draw_members(conformance *c, int32_t count, int32_t *pairs) {
    int32_t *pair = take(c, (size_t)count * sizeof(int32_t));
    int32_t *sign = take(c, (size_t)count * sizeof(int32_t));
    bool arbitrary = draw(&c->random) % 4 == 0;
    int32_t sequences = draw(&c->random) % 2 ? 1 : draw_between(&c->random, 2, 5);
    int32_t first = draw_between(&c->random, 0, 2 * sequences - 1);
    *pairs = (first + count - 1) / (2 * sequences) + 1;
    for (int32_t row = 0; row < count; row++) {
        int32_t member = (first + row) / sequences;
        pair[row] = arbitrary ? draw_between(&c->random, 0, *pairs - 1) : member / 2;
        sign[row] = (arbitrary ? draw(&c->random) % 2 == 0 : member % 2 == 0) ? 1 : -1;
    }
    return (egg_rows){count, pair, sign};
}

egg_perturbation draw_perturbation(conformance *c, int32_t pairs, int32_t outputs, int32_t inputs) {
    egg_const_rows a = draw_rows(c, pairs, outputs), b = draw_rows(c, pairs, inputs);
    int32_t shift = draw_between(&c->random, 6, 14);
    return (egg_perturbation){a.data, a.stride, b.data, b.stride, shift, 1};
}

/// Brings values within ±64; extremes stay so.
static void halve(const int8_t *data, ptrdiff_t stride, int32_t rows, int32_t width) {
    for (int32_t row = 0; row < rows; row++)
        for (int32_t i = 0; i < width; i++) {
            int8_t *value = (int8_t *)data + row * stride + i;
            *value = (int8_t)((*value + (*value > 0)) / 2 - (*value == -127));
        }
}

egg_perturbation draw_ranked(conformance *c, int32_t pairs, int32_t outputs, int32_t inputs) {
    int32_t doublings = draw(&c->random) % 3 ? 0 : draw_between(&c->random, 1, 2);
    if (doublings == 0) return draw_perturbation(c, pairs, outputs, inputs);
    int32_t rank = 1 << 2 * doublings;
    egg_const_rows a = draw_rows(c, pairs * rank, outputs), b = draw_rows(c, pairs * rank, inputs);
    halve(a.data, a.stride, pairs * rank, outputs);
    halve(b.data, b.stride, pairs * rank, inputs);
    int32_t shift = draw_between(&c->random, 6 + doublings, 14);
    return (egg_perturbation){a.data, a.stride, b.data, b.stride, shift, rank};
}
