// Broken kernels: the portable one with one function replaced by a plausible mistake. A check that
// misses one of them checks too little.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"
#include "context_mutants.h"

const egg_kernel *sound;

// MARK: products

static void product_without_sign(const egg_product *p, egg_rows rows, void *scratch) {
    int32_t signs[most_rows];
    for (int32_t row = 0; row < rows.count; row++) signs[row] = 1;
    if (rows.sign != NULL) rows.sign = signs;
    sound->product(p, rows, scratch);
}

static void product_without_last_root(const egg_product *p, egg_rows rows, void *scratch) {
    egg_product other = *p;
    other.root -= p->root == EGG_MAX_DIVISOR_ROOT;
    sound->product(&other, rows, scratch);
}

/// What a product x·B·A in 32 bits gives wrong.
static void product_in_32_bits(const egg_product *p, egg_rows rows, void *scratch) {
    sound->product(p, rows, scratch);
    for (int32_t row = 0; row < rows.count && p->noise.a != NULL; row++) {
        const int8_t *x = p->x + row * p->x_stride;
        const int8_t *b = p->noise.b + rows.pair[row] * p->noise.b_stride;
        const int8_t *a = p->noise.a + rows.pair[row] * p->noise.a_stride;
        int64_t along_b = 0;
        for (int32_t i = 0; i < p->inputs; i++) along_b += x[i] * b[i];
        for (int32_t o = 0; o < p->outputs; o++)
            if (llabs(along_b * a[o]) > INT32_MAX) p->out[row * p->out_stride + o] ^= 1;
    }
}

static void product_without_last_term(const egg_product *p, egg_rows rows, void *scratch) {
    int8_t *a = malloc((size_t)(p->noise.a_stride * p->noise.rank * (most_rows + 1)));
    egg_product other = *p;
    if (a == NULL) return;
    if (p->noise.a != NULL && p->noise.rank > 1) {
        for (int32_t row = 0; row < rows.count; row++) {
            ptrdiff_t first = (ptrdiff_t)rows.pair[row] * p->noise.rank * p->noise.a_stride;
            size_t bytes = (size_t)(p->noise.rank * p->noise.a_stride);
            memcpy(a + first, p->noise.a + first, bytes - (size_t)p->noise.a_stride + (size_t)p->outputs);
            memset(a + first + bytes - p->noise.a_stride, 0, (size_t)p->outputs);
        }
        other.noise.a = a;
    }
    sound->product(&other, rows, scratch);
    free(a);
}

/// What the sum of all terms in 32 bits gives wrong.
static void product_of_terms_in_32_bits(const egg_product *p, egg_rows rows, void *scratch) {
    sound->product(p, rows, scratch);
    for (int32_t row = 0; row < rows.count && p->noise.a != NULL && p->noise.rank > 1; row++) {
        const int8_t *x = p->x + row * p->x_stride;
        for (int32_t o = 0; o < p->outputs; o++) {
            int64_t along = 0;
            for (int32_t k = 0; k < p->noise.rank; k++) {
                ptrdiff_t term = rows.pair[row] * p->noise.rank + k;
                const int8_t *b = p->noise.b + term * p->noise.b_stride;
                int64_t along_b = 0;
                for (int32_t i = 0; i < p->inputs; i++) along_b += x[i] * b[i];
                along += along_b * p->noise.a[term * p->noise.a_stride + o];
            }
            if (llabs(along) > INT32_MAX) p->out[row * p->out_stride + o] ^= 1;
        }
    }
}

static void product_without_tail(const egg_product *p, egg_rows rows, void *scratch) {
    egg_product other = *p;
    other.outputs -= p->outputs % 16 == 1;
    sound->product(&other, rows, scratch);
}

static void product_into_padding(const egg_product *p, egg_rows rows, void *scratch) {
    sound->product(p, rows, scratch);
    if (p->outputs % EGG_ALIGNMENT != 0)
        p->out[(rows.count - 1) * p->out_stride + p->outputs] = 1;
}

static size_t one_byte_of_scratch(int32_t rows, int32_t inputs) {
    (void)rows, (void)inputs;
    return 1;
}

static void product_past_scratch(const egg_product *p, egg_rows rows, void *scratch) {
    sound->product(p, rows, scratch);
    ((uint8_t *)scratch)[1] = 0;
}

static void pack_without_tail(const int8_t *weights, int32_t outputs, int32_t inputs,
                              void *packed) {
    sound->pack(weights, outputs - (outputs % 16 == 15), inputs, packed);
}

// MARK: rows

static void normalize_width_off_by_one(int32_t rows, int32_t width, egg_const_rows x,
                                       egg_const_rows gain, egg_out_rows out) {
    sound->normalize(rows, width % EGG_ALIGNMENT == 0 ? width - 1 : width, x, gain, out);
}

static void embed_of_one_pair(egg_rows rows, int32_t width, const int8_t *embedding,
                              const uint8_t *tokens, ptrdiff_t token_stride,
                              const egg_perturbation *noise, egg_out_rows out) {
    egg_perturbation other = *noise;
    other.a_stride = 0;
    sound->embed(rows, width, embedding, tokens, token_stride, &other, out);
}

static void embed_of_first_term(egg_rows rows, int32_t width, const int8_t *embedding,
                                const uint8_t *tokens, ptrdiff_t token_stride,
                                const egg_perturbation *noise, egg_out_rows out) {
    egg_perturbation other = *noise;
    if (noise->rank > 1) other.b_stride = 0;
    sound->embed(rows, width, embedding, tokens, token_stride, &other, out);
}

static void perturb_vector_rounding_to_zero(egg_rows rows, int32_t width, const int8_t *values,
                                            const egg_perturbation *noise, egg_out_rows out) {
    for (int32_t row = 0; row < rows.count; row++)
        for (int32_t i = 0; i < width; i++) {
            int32_t product = rows.sign[row] * noise->a[rows.pair[row] * noise->a_stride + i] *
                              noise->b[rows.pair[row] * noise->b_stride + i];
            int32_t sum = values[i] + product / (1 << noise->shift);
            out.data[row * out.stride + i] = (int8_t)(sum > 127 ? 127 : sum < -127 ? -127 : sum);
        }
}

static void gate_of_one_bias(int32_t rows, int32_t width, egg_const_rows from_input,
                             egg_const_rows from_state, egg_const_rows bias, const int8_t *table,
                             egg_const_rows state, egg_out_rows f, egg_out_rows gated) {
    bias.stride = 0;
    sound->gate(rows, width, from_input, from_state, bias, table, state, f, gated);
}

static void update_state_to_minus_128(int32_t rows, int32_t width, egg_const_rows from_input,
                                      egg_const_rows from_state, egg_const_rows bias,
                                      egg_const_rows f, egg_out_rows state, egg_out_rows x) {
    sound->update_state(rows, width, from_input, from_state, bias, f, state, x);
    for (int32_t i = 0; i < width; i++)
        if (x.data[i] == -127 && state.data[i] == -127) x.data[i] = -128;
}

static void add_wrapping(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x) {
    for (int32_t row = 0; row < rows; row++)
        for (int32_t i = 0; i < width; i++)
            x.data[row * x.stride + i] = (int8_t)((uint8_t)x.data[row * x.stride + i] +
                                                  (uint8_t)addend.data[row * addend.stride + i]);
}

static void rectify_without_last_row(int32_t rows, int32_t width, egg_out_rows x) {
    sound->rectify(rows > 64 ? 64 : rows, width, x);
}

// MARK: loss, noise, votes

static void likelihood_of_short_rows(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                                     const uint8_t *targets, ptrdiff_t target_stride,
                                     const egg_loss_tables *tables, int32_t *scores) {
    sound->log_likelihood(rows, vocabulary > 255 ? 255 : vocabulary, logits, targets, target_stride,
                          tables, scores);
}

static void noise_from_zero(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    (void)first;
    sound->noise(key, 0, count, out);
}

static void votes_without_odd_pair(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                                   egg_const_rows b, const int8_t *fitness, int32_t shift,
                                   int32_t *e, ptrdiff_t e_stride, void *scratch) {
    sound->votes(pairs / 2 * 2, rows, columns, a, b, fitness, shift, e, e_stride, scratch);
}

static void votes_past_columns(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                               egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                               ptrdiff_t e_stride, void *scratch) {
    sound->votes(pairs, rows, columns + (e_stride > columns), a, b, fitness, shift, e, e_stride,
                 scratch);
}

static void vector_votes_without_clip(int32_t pairs, int32_t width, egg_const_rows a,
                                      egg_const_rows b, const int8_t *fitness, int32_t shift,
                                      int32_t *e) {
    int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    for (int32_t pair = 0; pair < pairs; pair++)
        for (int32_t j = 0; j < width; j++)
            e[j] += ((a.data[pair * a.stride + j] * fitness[pair] + half) >> shift) *
                    b.data[pair * b.stride + j];
}

// MARK: credit

static void correlate_without_last_draw(int32_t rows, int32_t width, int32_t draws,
                                        const int8_t *fitness, egg_const_rows noise,
                                        int32_t rows_per_draw, int32_t scale, egg_out_rows16 out) {
    sound->correlate(rows, width, draws > 1 ? draws - 1 : 1, fitness, noise, rows_per_draw, scale,
                     out);
}

static void correlate_wrapping(int32_t rows, int32_t width, int32_t draws, const int8_t *fitness,
                               egg_const_rows noise, int32_t rows_per_draw, int32_t scale,
                               egg_out_rows16 out) {
    sound->correlate(rows, width, draws, fitness, noise, rows_per_draw, scale, out);
    for (int32_t row = 0; row < rows; row++)
        for (int32_t i = 0; i < width; i++) {
            int32_t sum = 0;
            for (int32_t draw = 0; draw < draws; draw++) {
                ptrdiff_t from = row + (ptrdiff_t)draw * rows_per_draw;
                sum += fitness[from] * noise.data[from * noise.stride + i];
            }
            out.data[row * out.stride + i] = (int16_t)((sum * scale + 128) >> 8);
        }
}

static void credit_rounding_down(int32_t rows, int32_t width, egg_const_rows16 correlation,
                                 int32_t multiplier, egg_const_rows feedback,
                                 int32_t feedback_multiplier, egg_out_rows out) {
    for (int32_t row = 0; row < rows; row++)
        for (int32_t i = 0; i < width; i++) {
            int32_t sum = correlation.data[row * correlation.stride + i] * multiplier;
            if (feedback.data != NULL)
                sum += feedback.data[row * feedback.stride + i] * feedback_multiplier;
            int32_t value = sum >> 14;
            out.data[row * out.stride + i] =
                (int8_t)(value > 127 ? 127 : value < -127 ? -127 : value);
        }
}

// MARK: the check

typedef struct {
    const char *function;
    egg_kernel kernel;
} mutant;

enum { mutant_count = 43 };

/// Fills in the mutants, each the sound kernel but for what it is named after.
static void make_mutants(mutant mutants[mutant_count]) {
    int32_t count = 0;
#define MUTANT(of, mistake)                                  \
    mutants[count] = (mutant){#of, *sound};                  \
    mutants[count].kernel.name = #mistake;                   \
    mutants[count++].kernel.of = mistake
    MUTANT(product, product_without_sign);
    MUTANT(product, product_without_last_root);
    MUTANT(product, product_in_32_bits);
    MUTANT(product, product_without_last_term);
    MUTANT(product, product_of_terms_in_32_bits);
    MUTANT(product, product_without_tail);
    MUTANT(product, product_into_padding);
    MUTANT(product, product_past_scratch);
    mutants[count - 1].kernel.product_scratch = one_byte_of_scratch;
    MUTANT(pack, pack_without_tail);
    mutants[count - 1].function = "product";
    MUTANT(normalize, normalize_width_off_by_one);
    MUTANT(embed, embed_of_one_pair);
    MUTANT(embed, embed_of_first_term);
    MUTANT(perturb_vector, perturb_vector_rounding_to_zero);
    MUTANT(gate, gate_of_one_bias);
    MUTANT(update_state, update_state_to_minus_128);
    MUTANT(add, add_wrapping);
    MUTANT(rectify, rectify_without_last_row);
    MUTANT(log_likelihood, likelihood_of_short_rows);
    MUTANT(noise, noise_from_zero);
    MUTANT(votes, votes_without_odd_pair);
    MUTANT(votes, votes_past_columns);
    MUTANT(vector_votes, vector_votes_without_clip);
    MUTANT(correlate, correlate_without_last_draw);
    MUTANT(correlate, correlate_wrapping);
    MUTANT(credit, credit_rounding_down);
    MUTANT(add_contexts, contexts_of_first_row);
    MUTANT(add_contexts, contexts_without_sign);
    MUTANT(add_contexts, contexts_without_last);
    MUTANT(add_contexts, contexts_clipping_early);
    MUTANT(move_rows, move_rows_backwards);
    MUTANT(move_rows, move_rows_once);
    MUTANT(move_rows, move_rows_with_one_dither);
    MUTANT(move_rows, move_rows_into_padding);
    MUTANT(move_rows, move_rows_losing_parts);
    MUTANT(move_rows, move_rows_of_others);
    MUTANT(sum_row_noise, sum_row_noise_of_first_pair);
    MUTANT(sum_row_noise, sum_row_noise_in_8_bits);
    MUTANT(row_noise, row_noise_of_few_contexts);
    MUTANT(row_noise, row_noise_past_end);
    MUTANT(add_direct, direct_without_largest);
    MUTANT(add_direct, direct_of_single_members);
    MUTANT(add_direct, direct_of_first_draw);
    MUTANT(add_direct, direct_with_padding);
#undef MUTANT
}

bool find_mutants(conformance *c, int64_t cases) {
    sound = c->kernels[0];
    mutant *mutants = calloc(mutant_count, sizeof(mutant));
    if (mutants == NULL) return false;
    make_mutants(mutants);
    bool all = true;
    for (int32_t i = 0; i < mutant_count; i++) {
        const egg_kernel *pair[] = {sound, &mutants[i].kernel};
        conformance own = *c;
        own.kernels = pair;
        own.kernel_count = 2;
        own.failed = false;
        run_cases(&own, 0, cases, mutants[i].function);
        all = all && own.failed;
        if (own.failed)
            printf("found   %s: case %lld\n", mutants[i].kernel.name, (long long)own.index);
        else
            printf("MISSED  %s\n", mutants[i].kernel.name);
    }
    free(mutants);
    return all;
}
