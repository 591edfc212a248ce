#include "parity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"

typedef struct {
    const safetensors *file;
    network *network;
    bool failed;
} parity;

/// Compares with a tensor of the file.
static void expect(parity *p, const char *name, const void *found, size_t bytes) {
    uint8_t *expected = copy_tensor(p->file, name, bytes);
    size_t i = 0;
    while (i < bytes && ((const uint8_t *)found)[i] == expected[i]) i++;
    if (i < bytes && !p->failed) {
        fprintf(stderr, "error: kernel %s: %s: %s differs from byte %zu on\n",
                p->network->kernel->name, p->file->path, name, i);
        p->failed = true;
    }
    free(expected);
}

/// 400 tokens through the clean model, one row.
static void check_clean(parity *p) {
    enum { steps = 400 };
    network *n = p->network;
    uint8_t *tokens = copy_tensor(p->file, "clean.tokens", steps + 1);
    int8_t *logits = aligned_zeros(steps * vocabulary);
    int32_t scores[steps] = {0};
    begin_network(n, false);
    for (int32_t time = 0; time < steps; time++) {
        step_network(n, tokens + time);
        memcpy(logits + time * vocabulary, n->logits, vocabulary);
        n->kernel->log_likelihood(1, vocabulary, (egg_const_rows){n->logits, vocabulary},
                                  tokens + time + 1, 1, &n->loss, scores + time);
    }
    expect(p, "clean.logits", logits, steps * vocabulary);
    expect(p, "clean.logLikelihood", scores, sizeof scores);
    expect(p, "clean.finalState", n->state, (size_t)(n->layers * n->hidden));
    free(tokens);
    free(logits);
}

/// 50 tokens through the members, the two of a pair reading the same; fills in the pairs' fitness.
static void check_members(parity *p, int8_t fitness[noise_pairs]) {
    enum { steps = 50 };
    network *n = p->network;
    uint8_t *streams = copy_tensor(p->file, "noisy.tokens", noise_pairs * (steps + 1));
    int32_t likelihoods[member_count][steps], scores[member_count] = {0};
    begin_network(n, true);
    for (int32_t time = 0; time < steps; time++) {
        uint8_t tokens[member_count], targets[member_count];
        int32_t step[member_count] = {0};
        for (int32_t row = 0; row < member_count; row++) {
            const uint8_t *stream = streams + row / 2 * (steps + 1) + time;
            tokens[row] = stream[0];
            targets[row] = stream[1];
        }
        step_network(n, tokens);
        n->kernel->log_likelihood(member_count, vocabulary,
                                  (egg_const_rows){n->logits, vocabulary}, targets, 1, &n->loss,
                                  step);
        for (int32_t row = 0; row < member_count; row++) {
            likelihoods[row][time] = step[row];
            scores[row] += step[row];
        }
    }
    for (int32_t pair = 0; pair < noise_pairs; pair++) {
        int32_t difference = scores[2 * pair] - scores[2 * pair + 1];
        fitness[pair] = (int8_t)((difference > 0) - (difference < 0));
    }
    expect(p, "noisy.logLikelihood", likelihoods, sizeof likelihoods);
    expect(p, "noisy.scores", scores, sizeof scores);
    expect(p, "noisy.fitness", fitness, noise_pairs);
    expect(p, "noisy.finalStates", n->state, member_count * (size_t)(n->layers * n->hidden));
    free(streams);
}

/// The votes of a tensor, some rows at a time.
static int32_t *count_votes(const network *n, const tensor *t, const int8_t *fitness) {
    const egg_kernel *k = n->kernel;
    int32_t *e = aligned_zeros((size_t)t->rows * (size_t)t->columns * sizeof *e);
    egg_const_rows a = {t->a, t->rows}, b = {t->b, t->columns == 1 ? t->rows : t->columns};
    if (t->columns == 1) {
        k->vector_votes(noise_pairs, t->rows, a, b, fitness, 0, e);
        return e;
    }
    void *scratch = aligned_zeros(k->vote_scratch(t->columns));
    for (int32_t row = 0; row < t->rows; row += EGG_VOTE_ROWS)
        k->votes(noise_pairs, EGG_VOTE_ROWS, t->columns, (egg_const_rows){t->a + row, t->rows}, b,
                 fitness, 0, e + (ptrdiff_t)row * t->columns, t->columns, scratch);
    free(scratch);
    return e;
}

/// The parameters after the threshold rule: w moves by the sign of its votes E where |E| reaches
/// 16·θ·⌊√P⌋.
static void check_update(parity *p, const int8_t *fitness, int32_t threshold) {
    int32_t limit = 16 * threshold * 2;  // ⌊√4⌋ = 2
    for (int32_t i = 0; i < p->network->tensor_count; i++) {
        const tensor *t = &p->network->tensors[i];
        int32_t *e = count_votes(p->network, t, fitness);
        size_t count = (size_t)t->rows * (size_t)t->columns;
        int8_t *updated = aligned_zeros(count);
        for (size_t j = 0; j < count; j++) {
            int32_t moved = t->values[j] + (e[j] >= limit) - (e[j] <= -limit);
            updated[j] = (int8_t)(moved > 127 ? 127 : moved < -127 ? -127 : moved);
        }
        char name[80];
        snprintf(name, sizeof name, "updated.threshold%d.%s", threshold, t->name);
        expect(p, name, updated, count);
        free(updated);
        free(e);
    }
}

bool check_parity(const char *path, const egg_kernel *kernel) {
    safetensors file;
    if (!read_safetensors(path, &file)) return false;
    parity p = {&file, make_network(&file, kernel), false};
    int8_t fitness[noise_pairs];
    check_clean(&p);
    check_members(&p, fitness);
    check_update(&p, fitness, 4);
    check_update(&p, fitness, 16);
    free_network(p.network);
    close_safetensors(&file);
    return !p.failed;
}
