// What every case does: each kernel in turn, its outputs compared with those of the first.
#include <stdio.h>
#include <string.h>

#include "conformance.h"

static void fail(conformance *c, const char *finding) {
    c->failed = true;
    snprintf(c->failure, sizeof c->failure, "kernel %s, %s, case %lld of seed %llu (%s): %s",
             c->kernel->name, c->function, (long long)c->index, (unsigned long long)c->seed,
             c->operands, finding);
}

void begin_case(conformance *c, int64_t index, const char *function) {
    c->index = index;
    c->function = function;
    c->kernel = NULL;
    c->next = c->used = c->kept = c->outputs_used = 0;
    c->random.state = c->seed;
    c->random.state = draw(&c->random) + (uint64_t)index;
    snprintf(c->operands, sizeof c->operands, "operands not yet drawn");
}

void *take_output(conformance *c, output shape) {
    output *o = &c->outputs[c->outputs_used++];
    shape.initial = o->initial;
    shape.expected = o->expected;
    void *data = take(c, (size_t)shape.rows * shape.stride);
    shape.memory = &c->regions[c->used - 1];
    *o = shape;
    return data;
}

/// FNV-1a of the values of an output.
static void digest_output(conformance *c, const output *o) {
    for (int32_t row = 0; row < o->rows; row++)
        for (size_t i = 0; i < o->used; i++)
            c->digest = (c->digest ^ o->expected[(size_t)row * o->stride + i]) *
                        UINT64_C(0x100000001B3);
}

static int32_t element_at(const uint8_t *bytes, size_t element) {
    int16_t narrow;
    int32_t wide;
    if (element == 1) return (int8_t)*bytes;
    if (element == sizeof narrow) {
        memcpy(&narrow, bytes, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, bytes, sizeof wide);
    return wide;
}

/// Compares an output with what it should be, `expected` being named by `whose`.
static void compare(conformance *c, const output *o, const uint8_t *expected, const char *whose) {
    size_t size = o->memory->size, i = 0;
    while (i < size && o->memory->data[i] == expected[i]) i++;
    if (i == size) return;
    i -= i % o->element;
    char finding[200];
    size_t column = i % o->stride;
    snprintf(finding, sizeof finding, "%s, row %zu, %s %zu: found %d, %s %d", o->name,
             i / o->stride, column < o->used ? "column" : "padding at column",
             column / o->element, element_at(o->memory->data + i, o->element), whose,
             element_at(expected + i, o->element));
    fail(c, finding);
}

/// What the first kernel wrote is what the others must write; it may write values only.
static void record(conformance *c, output *o) {
    memcpy(o->expected, o->initial, o->memory->size);
    for (int32_t row = 0; row < o->rows; row++)
        memcpy(o->expected + (size_t)row * o->stride, o->memory->data + (size_t)row * o->stride,
               o->used);
    compare(c, o, o->expected, "was");
    digest_output(c, o);
}

static void check_guards(conformance *c) {
    for (int32_t i = 0; i < c->used; i++) {
        const region *r = &c->regions[i];
        const uint8_t *end = r->mapping + region_bytes;
        for (const uint8_t *byte = r->data - EGG_ALIGNMENT; byte < r->data; byte++)
            if (*byte != 0xA5) fail(c, "wrote before its memory");
        for (const uint8_t *byte = r->data + r->size; byte < end; byte++)
            if (*byte != 0xA5) fail(c, "wrote past its memory");
    }
}

bool next_kernel(conformance *c) {
    if (c->kernel == NULL) {
        c->kept = c->used;
        for (int32_t i = 0; i < c->outputs_used; i++)
            memcpy(c->outputs[i].initial, c->outputs[i].memory->data, c->outputs[i].memory->size);
    } else {
        check_guards(c);
        for (int32_t i = 0; i < c->outputs_used && !c->failed; i++) {
            if (c->next == 1)
                record(c, &c->outputs[i]);
            else
                compare(c, &c->outputs[i], c->outputs[i].expected, "the portable kernel has");
        }
    }
    if (c->failed || c->next == c->kernel_count) return false;
    c->used = c->kept;
    c->kernel = c->kernels[c->next++];
    for (int32_t i = 0; i < c->outputs_used; i++)
        memcpy(c->outputs[i].memory->data, c->outputs[i].initial, c->outputs[i].memory->size);
    return true;
}

case_kind kind_of_case(int64_t index) {
    static const case_kind kinds[] = {
        {"product", product_case},
        {"normalize", normalize_case},
        {"embed", embed_case},
        {"product", product_case},
        {"perturb_vector", perturb_vector_case},
        {"gate", gate_case},
        {"update_state", update_state_case},
        {"product", product_case},
        {"add", add_case},
        {"rectify", rectify_case},
        {"log_likelihood", log_likelihood_case},
        {"noise", noise_case},
        {"product", product_case},
        {"votes", votes_case},
        {"vector_votes", vector_votes_case},
        {"votes", votes_case},
        {"spread", spread_case},
        {"average", average_case},
        {"scale_noise", scale_noise_case},
        {"perturb", perturb_case},
        {"mask_noise", mask_noise_case},
        {"gate_factors", gate_factors_case},
        {"correlate", correlate_case},
        {"credit", credit_case},
        {"state_credit", state_credit_case},
        {"softmax_error", softmax_error_case},
        {"add_rows", add_rows_case},
        {"add_dots", add_dots_case},
        {"mask_rows", mask_rows_case},
        {"add_scaled", add_scaled_case},
        {"add_contexts", add_contexts_case},
        {"move_rows", move_rows_case},
        {"sum_row_noise", sum_row_noise_case},
        {"row_noise", row_noise_case},
        {"add_direct", add_direct_case},
    };
    return kinds[(size_t)index % (sizeof kinds / sizeof kinds[0])];
}

int64_t run_cases(conformance *c, int64_t first, int64_t last, const char *function) {
    int64_t count = 0;
    for (int64_t index = first; index < last && !c->failed; index++) {
        case_kind kind = kind_of_case(index);
        if (function != NULL && strcmp(function, kind.name) != 0) continue;
        begin_case(c, index, kind.name);
        kind.run(c);
        count++;
    }
    return count;
}
