// The kernels of the training path: one table of functions per instruction set.
//
// Shapes: every activation row is `stride` bytes apart and zero-filled from its width up to a
// multiple of EGG_ALIGNMENT, which all operations keep zero. Weights and activations are Int8 in
// [-127, 127] with 16 = 1.0; -128 is invalid and never produced. All kernels give the same bytes.
#ifndef EGG_KERNELS_H
#define EGG_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Rows are padded with zeros to a multiple of this many bytes.
#define EGG_ALIGNMENT 64

/// Largest ⌊√inputs⌋ for which the 16-bit floor division of the epilogue is exact.
#define EGG_MAX_DIVISOR_ROOT 127

/// Pairs that a call of `votes` may take at once.
#define EGG_VOTE_PAIRS 256

/// Rows of a tensor that a call of `votes` may take at once.
#define EGG_VOTE_ROWS 64

/// What 1 of a weight in the rows of the recurrence's input adds to an activation.
#define EGG_CONTEXT_SCALE 2

/// The dither of a row's next value, of 16 bits: 2^16 over the golden ratio, so that neighbours differ.
#define EGG_DITHER_STEP 40503u

/// The members of a block: which pair's noise each row carries and with which sign.
typedef struct {
    int32_t count;
    const int32_t *pair;  // [count], index into the noise arrays of the block
    const int32_t *sign;  // [count], +1 or -1
} egg_rows;

/// Most terms of a perturbation.
#define EGG_MAX_RANK 16

/// Noise Σ_k A_k⊗B_k of one matrix for the pairs of a block; a == NULL leaves the product clean.
typedef struct {
    const int8_t *a;  // [pairs][rank][outputs]
    ptrdiff_t a_stride;
    const int8_t *b;  // [pairs][rank][inputs]
    ptrdiff_t b_stride;
    int32_t shift;  // 4 + sigmaShift + log2 √rank, at most 14
    int32_t rank;   // 1, 4 or 16; above 1 all A and B are within ±64, as drawn noise is
} egg_perturbation;

/// out = clip(floor((x·Wᵀ + ((sign·Σ_k (x·B_k)·A_k) >> shift)) / (16·root)))
///
/// Bounds: |x·Wᵀ| <= inputs·127² and at rank 1 |x·B|·127 >> 6 <= inputs·127³/64, both below 2^30 for
/// inputs <= 16383; the sum fits Int32. Above, |Σ_k (x·B_k)·A_k| >> 6 <= rank·inputs·127·64, below 2^31 for as many
/// inputs, and shift >= 8 at rank 16, >= 7 at rank 4 leaves at most 2^29 of it.
typedef struct {
    int32_t inputs, outputs;
    int32_t root;         // ⌊√inputs⌋, at most EGG_MAX_DIVISOR_ROOT
    const void *weights;  // as `pack` wrote them
    const int8_t *x;      // [rows][inputs]
    ptrdiff_t x_stride;
    int8_t *out;  // [rows][outputs]
    ptrdiff_t out_stride;
    egg_perturbation noise;
} egg_product;

/// The counter of a noise vector (see SeededNoise.NoiseKey) and the alias table of magnitudes.
typedef struct {
    uint32_t seed_low, seed_high;
    uint32_t index, selector, epoch;
    const uint8_t *threshold;  // [128]
    const uint8_t *alias;      // [128]
} egg_noise;

/// The tables of the loss (see FixedPoint.LikelihoodTables).
typedef struct {
    int32_t mantissas[16];
    uint32_t log2_thresholds[16];
    uint64_t fine_mantissas[16];
    uint16_t fine_log2[4096];  // log2 of the mantissa with 12 fraction bits, by its first 12 bits
    int32_t fraction_bits;     // of a log-likelihood: 4 (1/16 bit) or 10 (1/1024 bit)
} egg_loss_tables;

/// Rows of Int8; stride 0 repeats one row for all.
typedef struct {
    const int8_t *data;
    ptrdiff_t stride;
} egg_const_rows;

typedef struct {
    int8_t *data;
    ptrdiff_t stride;
} egg_out_rows;

/// Rows of Int16; the stride counts elements.
typedef struct {
    const int16_t *data;
    ptrdiff_t stride;
} egg_const_rows16;

typedef struct {
    int16_t *data;
    ptrdiff_t stride;
} egg_out_rows16;

/// The rows of a table that training moves, whose fine values are 256·weight + part.
typedef struct {
    int8_t *weights;  // [rows][width], ±127
    int8_t *parts;    // the same, -128...127
    ptrdiff_t stride;
} egg_fine_rows;

/// The rows of a table that the contexts of some rows of a block choose.
typedef struct {
    egg_const_rows table;     // [rows of the table][width]
    const uint32_t *indices;  // [rows of the block][contexts], rows of the table
    int32_t contexts;         // at most 16
} egg_chosen_rows;

/// The chosen rows of the recurrence's input, and their rank-1 noise.
typedef struct {
    egg_chosen_rows chosen;
    const int16_t *noise;     // [rows of the block], Σ of the rows' A, at most 16·64; NULL: no noise
    const int8_t *b;          // [pairs][width]
    ptrdiff_t b_stride;
    int32_t shift;  // 4 + sigmaShift
} egg_contexts;

/// The noise of contexts, which are named by their hashes (see SeededNoise.RowNoise).
typedef struct {
    uint64_t key;
    const uint8_t *threshold;  // [128]
    const uint8_t *alias;      // [128]
} egg_row_noise;

/// A change of a row of a context table.
typedef struct {
    uint32_t row;     // of the table
    uint32_t credit;  // the row of the credits
    int32_t rate;     // 16 fraction bits, at most 2^23
    uint32_t dither;  // of the first value, below 2^16
    int32_t is_new;   // 1 where the row begins anew from zeros, else 0
} egg_row_move;

/// One step of the credit of hidden states, backwards in time: see `state_credit`.
typedef struct {
    egg_const_rows16 correlation;
    egg_const_rows openness, distance;
    /// δ of the next token as it reaches this one, [rows]; left as it reaches the one before.
    int16_t *delta;
    ptrdiff_t delta_stride;
    int32_t multipliers[2];  // of candidate and gate, at most 2^15 - 1
    egg_out_rows candidate, gate;
    int64_t squares[2];  // Σ candidate² and Σ gate² are added here
} egg_state_credit;

typedef struct egg_kernel {
    const char *name;
    /// Rows that a block should hold for full speed.
    int32_t block_rows;

    /// Bytes of a packed matrix, and packing of a canonical one ([outputs][inputs], no padding).
    size_t (*packed_bytes)(int32_t outputs, int32_t inputs);
    void (*pack)(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed);

    /// Bytes of scratch that `product` needs for `rows` rows, at any rank of the noise.
    size_t (*product_scratch)(int32_t rows, int32_t inputs);
    void (*product)(const egg_product *product, egg_rows rows, void *scratch);

    /// out_i = clip(floor(x_i·g_i / m)), m = max(1, (Σ|x_i|) / width).
    void (*normalize)(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                      egg_out_rows out);

    /// out = clip(embedding[token] + ((sign·Σ_k A_k[token]·B_k) >> shift)); noise.a == NULL: no noise. |Σ| <= 2^16 above
    /// rank 1.
    void (*embed)(egg_rows rows, int32_t width, const int8_t *embedding, const uint8_t *tokens,
                  ptrdiff_t token_stride, const egg_perturbation *noise, egg_out_rows out);

    /// x = clip(x + EGG_CONTEXT_SCALE·Σ_k weights of index_k + ((sign·noise·b) >> shift)), the first `width` values of rows.
    /// |Σ| <= 16·127, |noise·b| <= 2^16.
    void (*add_contexts)(egg_rows rows, int32_t width, const egg_contexts *contexts,
                         egg_out_rows x);

    /// sums[row] = Σ_k A of the row's hash k for the row's pair, counted from `first_pair`; |sum| <= 16·64.
    void (*sum_row_noise)(egg_rows rows, int32_t contexts, const uint32_t *hashes,
                          const egg_row_noise *noise, uint32_t first_pair, int16_t *sums);

    /// out[i] = A of the context of hash hashes[i] for a pair.
    void (*row_noise)(int32_t count, const uint32_t *hashes, const egg_row_noise *noise,
                      uint32_t pair, int8_t *out);

    /// y = clip(z - max z + 127), z = logits + Σ_k weights of index_k.
    /// Row r of the logits has the indices of row r, or with groups > 0 of row (r / 2) mod groups. |z| <= 127·(1 + 16).
    void (*add_direct)(int32_t rows, int32_t groups, int32_t vocabulary,
                       const egg_chosen_rows *chosen, egg_out_rows logits);

    /// fine += (credit·rate + dither_i) >> 16 within 256·(±127) + (-128...127), one move after the other,
    /// dither_i = (dither + EGG_DITHER_STEP·i) mod 2^16: rounded up or down by a hash. |credit·rate| < 2^30.
    void (*move_rows)(int32_t count, int32_t width, const egg_row_move *moves,
                      egg_const_rows credits, egg_fine_rows table);

    /// out = clip(values + ((sign·a·b) >> shift)) for each row.
    void (*perturb_vector)(egg_rows rows, int32_t width, const int8_t *values,
                           const egg_perturbation *noise, egg_out_rows out);

    /// f = table(clip(fromInput + fromState + bias)); gated = ((f + 127)·state) >> 8.
    /// table == NULL is the identity, else 256 entries for the inputs -128...127.
    void (*gate)(int32_t rows, int32_t width, egg_const_rows from_input, egg_const_rows from_state,
                 egg_const_rows bias, const int8_t *table, egg_const_rows state, egg_out_rows f,
                 egg_out_rows gated);

    /// h = clip(fromInput + fromState + bias); state += ((f + 127)·(h - state)) >> 8;
    /// x = clip(state + x).
    void (*update_state)(int32_t rows, int32_t width, egg_const_rows from_input,
                         egg_const_rows from_state, egg_const_rows bias, egg_const_rows f,
                         egg_out_rows state, egg_out_rows x);

    /// x = clip(x + addend).
    void (*add)(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x);

    /// x = max(0, x).
    void (*rectify)(int32_t rows, int32_t width, egg_out_rows x);

    /// scores[row] += y[target] - LOG2(Σ_v EXP2[y_v]), y = logit + 128, with the tables' number of
    /// fraction bits.
    void (*log_likelihood)(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                           const uint8_t *targets, ptrdiff_t target_stride,
                           const egg_loss_tables *tables, int32_t *scores);

    /// Elements first..<first + count of the noise vector; first is a multiple of 64.
    void (*noise)(const egg_noise *key, int32_t first, int32_t count, int8_t *out);

    /// e[i][j] += Σ_p A'[p][i]·b[p][j], A' = clip((a·fitness + 2^(shift-1)) >> shift).
    /// At most EGG_VOTE_PAIRS pairs and EGG_VOTE_ROWS rows; scratch of `vote_scratch` bytes.
    size_t (*vote_scratch)(int32_t columns);
    void (*votes)(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
                  const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
                  void *scratch);

    /// e[j] += Σ_p A'[p][j]·b[p][j], A' as in `votes`: the votes of a gain or bias.
    void (*vector_votes)(int32_t pairs, int32_t width, egg_const_rows a, egg_const_rows b,
                         const int8_t *fitness, int32_t shift, int32_t *e);

    /// Keeps the multipliers of the instruction set busy with nothing else; returns the Int8
    /// multiply-accumulates done. The roofline that `kernel-bench` measures speed against.
    int64_t (*roofline)(int32_t rounds);

    // Node perturbation (portable/activation.h). Member arrays have rows 2p and 2p + 1 for pair p.

    /// Both members' rows become the pair's.
    void (*spread)(int32_t pairs, int32_t width, egg_const_rows in, egg_out_rows out);

    /// out = (first + second + 1) >> 1: the mean of the members, halves upward.
    void (*average)(int32_t pairs, int32_t width, egg_const_rows in, egg_out_rows out);

    /// noise = (noise·deviation + 8) >> 4; deviation 1...30.
    void (*scale_noise)(int32_t rows, int32_t width, int32_t deviation, egg_out_rows noise);

    /// x = clip(x + noise) for first members, clip(x - noise) for second ones.
    void (*perturb)(int32_t pairs, int32_t width, egg_const_rows noise, egg_out_rows x);

    /// noise = 0 where neither member's x is above 0.
    void (*mask_noise)(int32_t pairs, int32_t width, egg_const_rows x, egg_out_rows noise);

    /// openness = (f₊ + f₋ + 1) >> 1; distance = (h₊ + h₋ - 2·state + 2) >> 2, with h as in
    /// `update_state`; the bias is one row, the state a pair array. With one member for two, the rows
    /// of members are pair arrays too.
    void (*gate_factors)(int32_t pairs, int32_t members, int32_t width, egg_const_rows from_input,
                         egg_const_rows from_state, egg_const_rows bias, egg_const_rows f,
                         egg_const_rows state, egg_out_rows openness, egg_out_rows distance);

    /// out = clamp((Σ fitness·noise·scale + 2^7) >> 8) within ±32767: the sum is over the draws, whose
    /// rows are rows_per_draw apart. |fitness·noise| <= 127², draws·scale <= 2^17.
    void (*correlate)(int32_t rows, int32_t width, int32_t draws, const int8_t *fitness,
                      egg_const_rows noise, int32_t rows_per_draw, int32_t scale,
                      egg_out_rows16 out);

    /// out = clip((correlation·multiplier + feedback·feedback_multiplier + 2^13) >> 14);
    /// 0 <= multiplier < 2^15, 0 <= feedback_multiplier < 2^23. feedback.data == NULL is none.
    void (*credit)(int32_t rows, int32_t width, egg_const_rows16 correlation, int32_t multiplier,
                   egg_const_rows feedback, int32_t feedback_multiplier, egg_out_rows out);

    /// δ = clamp(delta + correlation) within ±32767, z = openness + 127;
    /// candidate = clip((((δ·z + 64) >> 7)·multipliers[0] + 2^11) >> 12), gate the same with
    /// distance for z and multipliers[1]; delta = (δ·(256 - z) + 128) >> 8.
    /// |δ·z| < 2^23, so the products with a multiplier below 2^15 fit Int32.
    void (*state_credit)(int32_t rows, int32_t width, egg_state_credit *step);

    /// out = floor((dither_v - 63·256·(p₊ + p₋ - 2·onehot)) / 256), p the softmax of the logits and
    /// dither_v = (dither + 159·v) mod 256: the error of the last layer with the sign of an ascent,
    /// rounded up or down by a hash.
    void (*softmax_error)(int32_t pairs, int32_t vocabulary, egg_const_rows logits,
                          const uint8_t *targets, const uint8_t *dither, egg_out_rows out);

    /// sums[token of the row] += row; sums is [vocabulary][width].
    void (*add_rows)(int32_t rows, int32_t width, egg_const_rows in, const uint8_t *tokens,
                     int32_t *sums);

    // Learned feedback of node perturbation.

    /// sums[row] += Σ_i a_i·b_i; widths below 2^17 keep a row's own sum within Int32.
    void (*add_dots)(int32_t rows, int32_t width, egg_const_rows a, egg_const_rows b,
                     int64_t *sums);

    /// out = 0 where x is not above 0.
    void (*mask_rows)(int32_t rows, int32_t width, egg_const_rows x, egg_out_rows out);

    /// delta = clamp(delta + ((in·multiplier + 2^11) >> 12)) within ±32767;
    /// 0 <= multiplier < 2^24.
    void (*add_scaled)(int32_t rows, int32_t width, egg_const_rows in, int32_t multiplier,
                       int16_t *delta, ptrdiff_t delta_stride);
} egg_kernel;

/// The kernels compiled for this platform, fastest first; `portable` is the last.
const egg_kernel *egg_kernel_at(int32_t index);
extern const int32_t egg_kernel_count;

/// Why this machine cannot run the kernel of that index; NULL when it can.
const char *egg_kernel_refusal(int32_t index);

/// Σ_v 2^(y_v/16) with 32 fraction bits, y = logit + 128: at most 2^56 for 256 logits.
uint64_t egg_fine_sum(const int8_t *logits, int32_t vocabulary, const egg_loss_tables *tables);

/// Asks for the line of memory that will be read soon.
static inline void egg_expect(const void *place) { __builtin_prefetch(place); }

/// A hint to the processor inside a spin loop.
static inline void egg_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
