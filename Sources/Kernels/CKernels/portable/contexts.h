// The rows that a model's contexts choose, as plain loops (loops.h).
//
// The rows of a table lie anywhere in memory: each is asked for some rows before it is needed.
#ifndef EGG_CONTEXT_LOOPS_H
#define EGG_CONTEXT_LOOPS_H

#include "rows.h"
#include "unit.h"

enum {
    egg_rows_ahead = 4,
    egg_cache_line = 64,
};

static inline void EGG_LOOP(expect_row)(const int8_t *row, int32_t padded) {
    for (int32_t i = 0; i < padded; i += egg_cache_line) egg_expect(row + i);
}

/// Asks for the rows that the row some rows after `row` of a block reads.
static inline void EGG_LOOP(expect_rows)(const egg_chosen_rows *c, int32_t padded, int32_t row,
                                         int32_t rows) {
    if (row + egg_rows_ahead >= rows) return;
    egg_const_rows table = c->table;
    const uint32_t *ahead = c->indices + (ptrdiff_t)(row + egg_rows_ahead) * c->contexts;
    for (int32_t k = 0; k < c->contexts; k++)
        EGG_LOOP(expect_row)(table.data + ahead[k] * table.stride, padded);
}

/// sums = Σ of the weights that a row of a block has chosen, for a stretch of EGG_ALIGNMENT values from `first` on;
/// |Σ| <= 16·127.
static inline void EGG_LOOP(sum_stretch)(const egg_chosen_rows *c, const uint32_t *indices,
                                         int32_t first, int16_t *restrict sums) {
    for (int32_t i = 0; i < EGG_ALIGNMENT; i++) sums[i] = 0;
    for (int32_t k = 0; k < c->contexts; k++) {
        const int8_t *restrict values =
            c->table.data + indices[k] * c->table.stride + first;
        for (int32_t i = 0; i < EGG_ALIGNMENT; i++)
            sums[i] = (int16_t)(sums[i] + values[i]);
    }
}

static void EGG_LOOP(add_contexts)(egg_rows rows, int32_t width, const egg_contexts *c,
                                   egg_out_rows x) {
    const egg_chosen_rows *chosen = &c->chosen;
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows.count; row++) {
        const uint32_t *indices = chosen->indices + (ptrdiff_t)row * chosen->contexts;
        EGG_LOOP(expect_rows)(chosen, padded, row, rows.count);
        int32_t a = c->noise == NULL ? 0 : rows.sign[row] * c->noise[row];
        const int8_t *restrict b =
            c->noise == NULL ? chosen->table.data : c->b + rows.pair[row] * c->b_stride;
        for (int32_t first = 0; first < padded; first += EGG_ALIGNMENT) {
            int16_t sums[EGG_ALIGNMENT];
            EGG_LOOP(sum_stretch)(chosen, indices, first, sums);
            int8_t *restrict out = x.data + row * x.stride + first;
            if (a == 0) {
                for (int32_t i = 0; i < EGG_ALIGNMENT; i++)
                    out[i] = (int8_t)egg_clip16((int16_t)(out[i] + EGG_CONTEXT_SCALE * sums[i]));
                continue;
            }
            for (int32_t i = 0; i < EGG_ALIGNMENT; i++) {
                int32_t change = a * b[first + i] >> c->shift;
                out[i] = egg_clip(out[i] + EGG_CONTEXT_SCALE * sums[i] + change);
            }
        }
    }
}

/// The value of a context for a pair: 16 random bits as in noise.h.
static inline int8_t EGG_LOOP(normal_of_context)(const egg_row_noise *noise, uint32_t pair,
                                             uint32_t hash) {
    uint64_t mixed =
        noise->key + ((uint64_t)pair << 32 | hash) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    uint32_t bits = (uint32_t)((mixed ^ mixed >> 31) >> 48), cell = bits >> 8 & 0x7F;
    uint8_t magnitude =
        (bits & 0xFF) < noise->threshold[cell] ? (uint8_t)cell : noise->alias[cell];
    return bits >> 15 ? (int8_t)-magnitude : (int8_t)magnitude;
}

static void EGG_LOOP(sum_row_noise)(egg_rows rows, int32_t contexts, const uint32_t *hashes,
                                    const egg_row_noise *noise, uint32_t first_pair,
                                    int16_t *sums) {
    for (int32_t row = 0; row < rows.count; row++) {
        uint32_t pair = first_pair + (uint32_t)rows.pair[row];
        int32_t sum = 0;
        for (int32_t k = 0; k < contexts; k++)
            sum += EGG_LOOP(normal_of_context)(noise, pair, hashes[(ptrdiff_t)row * contexts + k]);
        sums[row] = (int16_t)sum;
    }
}

static void EGG_LOOP(row_noise)(int32_t count, const uint32_t *hashes, const egg_row_noise *noise,
                                uint32_t pair, int8_t *out) {
    for (int32_t i = 0; i < count; i++) out[i] = EGG_LOOP(normal_of_context)(noise, pair, hashes[i]);
}

/// y = clip(z - max z + 127) of a row of logits, z = logits + sums.
static inline void EGG_LOOP(add_to_logits)(int32_t vocabulary, const int16_t *restrict sums,
                                           int8_t *restrict logits) {
    int16_t most = INT16_MIN;
    for (int32_t v = 0; v < vocabulary; v++) {
        int16_t z = (int16_t)(logits[v] + sums[v]);
        most = z > most ? z : most;
    }
    for (int32_t v = 0; v < vocabulary; v++) {
        int16_t z = (int16_t)(logits[v] + sums[v] - most + 127);
        logits[v] = (int8_t)(z < -127 ? -127 : z);
    }
}

static void EGG_LOOP(add_direct)(int32_t rows, int32_t groups, int32_t vocabulary,
                                 const egg_chosen_rows *c, egg_out_rows logits) {
    int32_t padded = egg_padded(vocabulary), sources = groups > 0 ? groups : rows;
    for (int32_t source = 0; source < sources; source++) {
        int16_t sums[256];
        EGG_LOOP(expect_rows)(c, padded, source, sources);
        for (int32_t first = 0; first < padded; first += EGG_ALIGNMENT)
            EGG_LOOP(sum_stretch)(
                c, c->indices + (ptrdiff_t)source * c->contexts, first, sums + first);
        if (groups == 0) {
            EGG_LOOP(add_to_logits)(vocabulary, sums, logits.data + source * logits.stride);
            continue;
        }
        for (int32_t row = 2 * source; row < rows; row += 2 * groups) {
            EGG_LOOP(add_to_logits)(vocabulary, sums, logits.data + row * logits.stride);
            EGG_LOOP(add_to_logits)(vocabulary, sums, logits.data + (row + 1) * logits.stride);
        }
    }
}

/// Moves the fine values of a row, 256·weight + part, by (credit·rate + dither) >> 16; a new row moves from zeros.
static inline void EGG_LOOP(move_row)(int32_t width, egg_row_move move,
                                      const int8_t *restrict credit, int8_t *restrict weights,
                                      int8_t *restrict parts) {
    for (int32_t i = 0; i < width; i++) {
        int32_t dither = (int32_t)((move.dither + EGG_DITHER_STEP * (uint32_t)i) & 0xFFFF);
        int32_t before = move.is_new ? 0 : 256 * weights[i] + parts[i];
        int32_t fine = before + ((credit[i] * move.rate + dither) >> 16);
        fine = fine > 256 * 127 + 127 ? 256 * 127 + 127 : fine;
        fine = fine < -256 * 127 - 128 ? -256 * 127 - 128 : fine;
        weights[i] = (int8_t)((fine + 128) >> 8);
        parts[i] = (int8_t)fine;
    }
}

static void EGG_LOOP(move_rows)(int32_t count, int32_t width, const egg_row_move *moves,
                                egg_const_rows credits, egg_fine_rows table) {
    int32_t padded = egg_padded(width);
    for (int32_t index = 0; index < count; index++) {
        if (index + egg_rows_ahead < count) {
            ptrdiff_t ahead = moves[index + egg_rows_ahead].row * table.stride;
            EGG_LOOP(expect_row)(table.weights + ahead, padded);
            EGG_LOOP(expect_row)(table.parts + ahead, padded);
        }
        egg_row_move move = moves[index];
        const int8_t *restrict credit = credits.data + move.credit * credits.stride;
        ptrdiff_t place = move.row * table.stride;
        EGG_LOOP(move_row)(width, move, credit, table.weights + place, table.parts + place);
    }
}

#endif
