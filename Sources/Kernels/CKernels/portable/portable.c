// The kernel for every machine: plain C, whatever vectors the compiler's baseline has.
#define EGG_NAME(x) portable_##x
#include "elementwise.h"
#include "elementwise_gate.h"
#include "elementwise_state.h"
#include "activation.h"
#include "softmax.h"
#include "likelihood.h"

enum { lanes = 16 };  // outputs of a panel

/// Panels of 16 outputs: [panel][inputs padded][16] Int8.
static size_t portable_packed_bytes(int32_t outputs, int32_t inputs) {
    size_t panels = ((size_t)outputs + lanes - 1) / lanes;
    return panels * lanes * (size_t)egg_padded(inputs);
}

static void portable_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    int8_t *out = packed;
    memset(packed, 0, portable_packed_bytes(outputs, inputs));
    for (int32_t o = 0; o < outputs; o++) {
        int8_t *panel = out + (size_t)(o / lanes) * lanes * (size_t)egg_padded(inputs);
        for (int32_t i = 0; i < inputs; i++)
            panel[i * lanes + o % lanes] = weights[(size_t)o * (size_t)inputs + (size_t)i];
    }
}

static size_t portable_product_scratch(int32_t rows, int32_t inputs) {
    (void)rows, (void)inputs;
    return 0;
}

static int32_t portable_dot(int32_t count, const int8_t *restrict a, const int8_t *restrict b) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

static void portable_product(const egg_product *p, egg_rows rows, void *scratch) {
    (void)scratch;
    egg_divisor divisor = egg_make_divisor(p->root);
    int32_t padded = egg_padded(p->inputs);
    const egg_perturbation *noise = &p->noise;
    for (int32_t row = 0; row < rows.count; row++) {
        const int8_t *restrict x = p->x + row * p->x_stride;
        const int8_t *a = NULL;
        int64_t along_b = 0;
        if (noise->a != NULL) {
            const int8_t *b = noise->b + rows.pair[row] * noise->b_stride;
            along_b = (int64_t)rows.sign[row] * portable_dot(padded, x, b);
            a = noise->a + rows.pair[row] * noise->a_stride;
        }
        for (int32_t o = 0; o < p->outputs; o += lanes) {
            const int8_t *restrict panel =
                (const int8_t *)p->weights + (size_t)o * (size_t)padded;
            int32_t sums[lanes] = {0};
            for (int32_t i = 0; i < p->inputs; i++)
                for (int32_t j = 0; j < lanes; j++) sums[j] += x[i] * panel[i * lanes + j];
            for (int32_t j = 0; j < lanes && o + j < p->outputs; j++) {
                int32_t change = a == NULL ? 0 : (int32_t)((along_b * a[o + j]) >> noise->shift);
                // Twice the sum's sixteenth plus one; what Int16 cannot hold is clipped anyway.
                int32_t odd = (sums[j] + change) >> 3 | 1;
                int16_t bounded = (int16_t)(odd > 32767 ? 32767 : odd < -32767 ? -32767 : odd);
                p->out[row * p->out_stride + o + j] =
                    (int8_t)egg_clip16(egg_divide_odd(bounded, divisor));
            }
        }
    }
}

static void portable_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                                    const uint8_t *targets, ptrdiff_t target_stride,
                                    const egg_loss_tables *tables, int32_t *scores) {
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *y = logits.data + row * logits.stride;
        uint32_t sum = 0;  // at most 256·2^20
        for (int32_t v = 0; v < vocabulary; v++) {
            int32_t index = y[v] + 128;
            sum += (uint32_t)tables->mantissas[index & 15] >> (15 - (index >> 4));
        }
        scores[row] += egg_likelihood(y[targets[row * target_stride]] + 128, sum, tables);
    }
}

uint64_t egg_fine_sum(const int8_t *logits, int32_t vocabulary, const egg_loss_tables *tables) {
    uint64_t sum = 0;
    for (int32_t v = 0; v < vocabulary; v++) {
        int32_t index = logits[v] + 128;
        sum += tables->fine_mantissas[index & 15] << (index >> 4);
    }
    return sum;
}

static void portable_philox(const egg_noise *key, uint32_t block, uint32_t words[4]) {
    uint32_t c0 = block, c1 = key->index, c2 = key->selector, c3 = key->epoch;
    uint32_t k0 = key->seed_low, k1 = key->seed_high;
    for (int round = 0; round < 10; round++) {
        uint64_t first = UINT64_C(0xD2511F53) * c0;
        uint64_t second = UINT64_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(second >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(first >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)second;
        c3 = (uint32_t)first;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

/// 64 elements: element i is half i mod 2 of word i/16 of block (i mod 16)/2.
static void portable_noise_batch(const egg_noise *key, uint32_t batch, int8_t out[64]) {
    for (uint32_t block = 0; block < 8; block++) {
        uint32_t words[4];
        portable_philox(key, 8 * batch + block, words);
        for (uint32_t half = 0; half < 8; half++) {
            uint32_t bits = words[half / 2] >> (16 * (half % 2)) & 0xFFFF;
            uint32_t cell = bits >> 8 & 0x7F;
            uint8_t magnitude =
                (bits & 0xFF) < key->threshold[cell] ? (uint8_t)cell : key->alias[cell];
            int8_t value = bits >> 15 ? (int8_t)-magnitude : (int8_t)magnitude;
            out[16 * (half / 2) + 2 * block + half % 2] = value;
        }
    }
}

static void portable_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out) {
    for (int32_t done = 0; done < count; done += 64) {
        int8_t batch[64];
        portable_noise_batch(key, (uint32_t)(first + done) / 64, batch);
        memcpy(out + done, batch, (size_t)(count - done < 64 ? count - done : 64));
    }
}

static size_t portable_vote_scratch(int32_t columns) {
    (void)columns;
    return 0;
}

static void portable_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a,
                           egg_const_rows b, const int8_t *fitness, int32_t shift, int32_t *e,
                           ptrdiff_t e_stride, void *scratch) {
    (void)scratch;
    int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    for (int32_t pair = 0; pair < pairs; pair++) {
        if (fitness[pair] == 0) continue;
        const int8_t *restrict right = b.data + pair * b.stride;
        for (int32_t i = 0; i < rows; i++) {
            int32_t left = egg_clip((a.data[pair * a.stride + i] * fitness[pair] + half) >> shift);
            int32_t *restrict out = e + i * e_stride;
            for (int32_t j = 0; j < columns; j++) out[j] += left * right[j];
        }
    }
}

/// Products of Int16 in vectors of 16, as the compiler writes them for the baseline.
static int64_t portable_roofline(int32_t rounds) {
    typedef int16_t halves __attribute__((vector_size(16)));
    enum { accumulators = 8 };
    halves sums[accumulators] = {0};
    halves x = {1, 2, 3, 4, 5, 6, 7, 8}, w = {8, 7, 6, 5, 4, 3, 2, 1};
    for (int32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < accumulators; i++) {
            __asm__ volatile("" : "+m"(x));
            sums[i] += x * w;
        }
    }
    __asm__ volatile("" : : "m"(sums));
    return (int64_t)rounds * accumulators * 8;
}

const egg_kernel egg_portable_kernel = {
    .name = "portable",
    .block_rows = 32,
    .packed_bytes = portable_packed_bytes,
    .pack = portable_pack,
    .product_scratch = portable_product_scratch,
    .product = portable_product,
    .normalize = portable_normalize,
    .embed = portable_embed,
    .perturb_vector = portable_perturb_vector,
    .gate = portable_gate,
    .update_state = portable_update_state,
    .add = portable_add,
    .rectify = portable_rectify,
    .log_likelihood = portable_log_likelihood,
    .noise = portable_noise,
    .vote_scratch = portable_vote_scratch,
    .votes = portable_votes,
    .vector_votes = portable_vector_votes,
    .roofline = portable_roofline,
    EGG_ACTIVATION_FUNCTIONS,
    .softmax_error = EGG_NAME(softmax_error),
};
