#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loss_tables.h"

enum { ln1, wf, uf, bf, wh, uh, bh, ln2, w1, w2 };

// MARK: parameters

static void add_tensor(network *n, const safetensors *file, const char *name, int32_t rows,
                       int32_t columns) {
    tensor *t = &n->tensors[n->tensor_count++];
    char noise[64];
    bool is_vector = columns == 1;
    snprintf(t->name, sizeof t->name, "%s", name);
    t->rows = rows;
    t->columns = columns;
    t->values = copy_tensor(file, name, (size_t)rows * (size_t)columns);
    snprintf(noise, sizeof noise, "noise.A.%s", name);
    t->a = copy_tensor(file, noise, noise_pairs * (size_t)rows);
    snprintf(noise, sizeof noise, "noise.B.%s", name);
    t->b = copy_tensor(file, noise, noise_pairs * (size_t)(is_vector ? rows : columns));
    if (is_vector) {
        t->vectors = aligned_zeros(member_count * (size_t)rows);
    } else {
        t->packed = aligned_zeros(n->kernel->packed_bytes(rows, columns));
        n->kernel->pack(t->values, rows, columns, t->packed);
    }
}

static void add_layer(network *n, const safetensors *file, int32_t layer) {
    static const char *const names[tensors_of_layer] = {"ln1", "Wf", "Uf",  "bf", "Wh",
                                                        "Uh",  "bh", "ln2", "W1", "W2"};
    int32_t d = n->hidden;
    for (int i = 0; i < tensors_of_layer; i++) {
        char name[32];
        bool is_vector = i == ln1 || i == bf || i == bh || i == ln2;
        snprintf(name, sizeof name, "layers.%d.%s", layer, names[i]);
        add_tensor(n, file, name, i == w1 ? 4 * d : d, is_vector ? 1 : i == w2 ? 4 * d : d);
    }
}

network *make_network(const safetensors *file, const egg_kernel *kernel) {
    network *n = aligned_zeros(sizeof *n);
    n->kernel = kernel;
    int32_t d = n->hidden = metadata_number(file, "hidden");
    n->layers = metadata_number(file, "layers");
    if (d % EGG_ALIGNMENT != 0 || n->layers * tensors_of_layer + 3 > most_tensors) {
        fprintf(stderr, "error: %s: not a shape of the parity vectors\n", file->path);
        exit(1);
    }
    add_tensor(n, file, "emb", vocabulary, d);
    for (int32_t layer = 0; layer < n->layers; layer++) add_layer(n, file, layer);
    add_tensor(n, file, "lnOut", d, 1);
    add_tensor(n, file, "head", vocabulary, d);
    fill_loss_tables(&n->loss, 4);
    int8_t **activations[] = {&n->x, &n->u, &n->from_input, &n->from_state, &n->f, &n->gated};
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        *activations[i] = aligned_zeros(member_count * (size_t)d);
    n->inner = aligned_zeros(member_count * (size_t)(4 * d));
    n->logits = aligned_zeros(member_count * vocabulary);
    n->state = aligned_zeros(member_count * (size_t)(n->layers * d));
    n->scratch = aligned_zeros(kernel->product_scratch(member_count, 4 * d));
    return n;
}

void free_network(network *n) {
    for (int32_t i = 0; i < n->tensor_count; i++) {
        tensor *t = &n->tensors[i];
        void *memory[] = {t->values, t->a, t->b, t->packed, t->vectors};
        for (size_t j = 0; j < sizeof memory / sizeof *memory; j++) free(memory[j]);
    }
    void *memory[] = {n->x,     n->u,      n->from_input, n->from_state, n->f,
                      n->gated, n->inner, n->logits,     n->state,      n->scratch};
    for (size_t j = 0; j < sizeof memory / sizeof *memory; j++) free(memory[j]);
    free(n);
}

// MARK: steps

static egg_perturbation noise_of(const network *n, const tensor *t) {
    if (!n->perturbed) return (egg_perturbation){0};
    ptrdiff_t b_stride = t->columns == 1 ? t->rows : t->columns;
    return (egg_perturbation){t->a, t->rows, t->b, b_stride, 8, 1};
}

/// A gain or bias as each row sees it.
static egg_const_rows vector(const network *n, const tensor *t) {
    if (n->perturbed) return (egg_const_rows){t->vectors, t->rows};
    return (egg_const_rows){t->values, 0};
}

static egg_const_rows in(const int8_t *data, int32_t width) {
    return (egg_const_rows){data, width};
}

static egg_out_rows out(int8_t *data, int32_t width) { return (egg_out_rows){data, width}; }

void begin_network(network *n, bool perturbed) {
    for (int32_t row = 0; row < member_count; row++) {
        n->pair[row] = row / 2;
        n->sign[row] = row % 2 == 0 ? 1 : -1;
    }
    n->rows = (egg_rows){perturbed ? member_count : 1, n->pair, n->sign};
    n->perturbed = perturbed;
    memset(n->state, 0, member_count * (size_t)(n->layers * n->hidden));
    for (int32_t i = 0; i < n->tensor_count && perturbed; i++) {
        tensor *t = &n->tensors[i];
        if (t->columns != 1) continue;
        egg_perturbation noise = noise_of(n, t);
        n->kernel->perturb_vector(n->rows, t->rows, t->values, &noise, out(t->vectors, t->rows));
    }
}

static int32_t floor_of_root(int32_t value) {
    int32_t root = 1;
    while ((root + 1) * (root + 1) <= value) root++;
    return root;
}

static void multiply(network *n, const tensor *t, egg_const_rows x, int8_t *result) {
    egg_product product = {.inputs = t->columns, .outputs = t->rows,
                           .root = floor_of_root(t->columns), .weights = t->packed, .x = x.data,
                           .x_stride = x.stride, .out = result, .out_stride = t->rows,
                           .noise = noise_of(n, t)};
    n->kernel->product(&product, n->rows, n->scratch);
}

static void normalize(network *n, const tensor *gain) {
    n->kernel->normalize(n->rows.count, n->hidden, in(n->x, n->hidden), vector(n, gain),
                         out(n->u, n->hidden));
}

static void step_layer(network *n, const tensor *t, int8_t *state) {
    const egg_kernel *k = n->kernel;
    int32_t rows = n->rows.count, d = n->hidden;
    ptrdiff_t state_stride = n->layers * d;
    egg_const_rows u = in(n->u, d), from_input = in(n->from_input, d),
                   from_state = in(n->from_state, d), old = {state, state_stride};
    normalize(n, &t[ln1]);
    multiply(n, &t[wf], u, n->from_input);
    multiply(n, &t[uf], old, n->from_state);
    k->gate(rows, d, from_input, from_state, vector(n, &t[bf]), NULL, old, out(n->f, d),
            out(n->gated, d));
    multiply(n, &t[wh], u, n->from_input);
    multiply(n, &t[uh], in(n->gated, d), n->from_state);
    k->update_state(rows, d, from_input, from_state, vector(n, &t[bh]), in(n->f, d),
                    (egg_out_rows){state, state_stride}, out(n->x, d));
    normalize(n, &t[ln2]);
    multiply(n, &t[w1], u, n->inner);
    multiply(n, &t[w2], in(n->inner, 4 * d), n->from_input);
    k->add(rows, d, from_input, out(n->x, d));
}

void step_network(network *n, const uint8_t *tokens) {
    int32_t d = n->hidden, state_width = n->layers * d;
    for (int32_t row = 0; row < n->rows.count; row++)
        if (tokens[row] == 0) memset(n->state + row * state_width, 0, (size_t)state_width);
    const tensor *emb = &n->tensors[0], *last = &n->tensors[n->tensor_count - 2];
    egg_perturbation noise = noise_of(n, emb);
    n->kernel->embed(n->rows, d, emb->values, tokens, 1, &noise, out(n->x, d));
    for (int32_t layer = 0; layer < n->layers; layer++)
        step_layer(n, emb + 1 + layer * tensors_of_layer, n->state + layer * d);
    normalize(n, last);
    multiply(n, last + 1, in(n->u, d), n->logits);
}
