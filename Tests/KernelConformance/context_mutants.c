// Mistakes in the functions of the rows that contexts choose.
#include "context_mutants.h"

#include "conformance.h"

void contexts_of_first_row(egg_rows rows, int32_t width, const egg_contexts *contexts,
                                  egg_out_rows x) {
    for (int32_t row = 0; row < rows.count; row++) {
        egg_contexts other = *contexts;
        if (contexts->noise != NULL) other.noise += row;
        egg_rows one = {1, rows.pair + row, rows.sign + row};
        sound->add_contexts(one, width, &other, (egg_out_rows){x.data + row * x.stride, x.stride});
    }
}

void contexts_without_sign(egg_rows rows, int32_t width, const egg_contexts *contexts,
                                  egg_out_rows x) {
    int32_t signs[most_rows];
    for (int32_t row = 0; row < rows.count; row++) signs[row] = 1;
    rows.sign = signs;
    sound->add_contexts(rows, width, contexts, x);
}

void contexts_without_last(egg_rows rows, int32_t width, const egg_contexts *contexts,
                                  egg_out_rows x) {
    egg_contexts other = *contexts;
    other.chosen.contexts -= contexts->chosen.contexts == 16;
    sound->add_contexts(rows, width, &other, x);
}

/// The weight of a value of a table.
static int32_t weight(const egg_chosen_rows *c, uint32_t index, int32_t i) {
    return c->table.data[index * c->table.stride + i];
}

/// What sums of 8 bits give.
void contexts_clipping_early(egg_rows rows, int32_t width, const egg_contexts *contexts,
                                    egg_out_rows x) {
    const egg_chosen_rows *c = &contexts->chosen;
    for (int32_t row = 0; row < rows.count && contexts->noise == NULL; row++)
        for (int32_t i = 0; i < width; i++) {
            int32_t sum = 0;
            for (int32_t k = 0; k < c->contexts; k++) {
                sum += weight(c, c->indices[row * c->contexts + k], i);
                sum = sum > 127 ? 127 : sum < -127 ? -127 : sum;
            }
            int32_t value = x.data[row * x.stride + i] + EGG_CONTEXT_SCALE * sum;
            x.data[row * x.stride + i] =
                (int8_t)(value > 127 ? 127 : value < -127 ? -127 : value);
        }
    if (contexts->noise != NULL) sound->add_contexts(rows, width, contexts, x);
}

void move_rows_backwards(int32_t count, int32_t width, const egg_row_move *moves,
                                egg_const_rows credits, egg_fine_rows table) {
    for (int32_t i = count; i-- > 0;) sound->move_rows(1, width, moves + i, credits, table);
}

/// What a kernel does that reads a row before the move ahead of it has written it.
void move_rows_once(int32_t count, int32_t width, const egg_row_move *moves,
                           egg_const_rows credits, egg_fine_rows table) {
    for (int32_t i = 0; i < count; i++)
        if (i + 1 == count || moves[i].row != moves[i + 1].row)
            sound->move_rows(1, width, moves + i, credits, table);
}

void move_rows_with_one_dither(int32_t count, int32_t width, const egg_row_move *moves,
                                      egg_const_rows credits, egg_fine_rows table) {
    for (int32_t index = 0; index < count; index++)
        for (int32_t i = 0; i < width; i++) {
            egg_const_rows credit = {credits.data + i, credits.stride};
            egg_fine_rows place = {table.weights + i, table.parts + i, table.stride};
            sound->move_rows(1, 1, moves + index, credit, place);
        }
}

void move_rows_into_padding(int32_t count, int32_t width, const egg_row_move *moves,
                                   egg_const_rows credits, egg_fine_rows table) {
    sound->move_rows(count, width, moves, credits, table);
    if (count > 0 && width % EGG_ALIGNMENT != 0)
        table.parts[moves[count - 1].row * table.stride + width] = 1;
}

/// Each move begins at the weight.
void move_rows_losing_parts(int32_t count, int32_t width, const egg_row_move *moves,
                            egg_const_rows credits, egg_fine_rows table) {
    for (int32_t index = 0; index < count; index++) {
        for (int32_t i = 0; i < width; i++)
            table.parts[moves[index].row * table.stride + i] = 0;
        sound->move_rows(1, width, moves + index, credits, table);
    }
}

/// New rows go on from what another context has left there.
void move_rows_of_others(int32_t count, int32_t width, const egg_row_move *moves,
                         egg_const_rows credits, egg_fine_rows table) {
    for (int32_t index = 0; index < count; index++) {
        egg_row_move move = moves[index];
        move.is_new = 0;
        sound->move_rows(1, width, &move, credits, table);
    }
}

void sum_row_noise_of_first_pair(egg_rows rows, int32_t contexts, const uint32_t *hashes,
                                 const egg_row_noise *noise, uint32_t first_pair, int16_t *sums) {
    (void)first_pair;
    sound->sum_row_noise(rows, contexts, hashes, noise, 0, sums);
}

/// What sums of 8 bits give.
void sum_row_noise_in_8_bits(egg_rows rows, int32_t contexts, const uint32_t *hashes,
                             const egg_row_noise *noise, uint32_t first_pair, int16_t *sums) {
    sound->sum_row_noise(rows, contexts, hashes, noise, first_pair, sums);
    for (int32_t row = 0; row < rows.count; row++) sums[row] = (int8_t)sums[row];
}

/// What a hash of 24 bits gives.
void row_noise_of_few_contexts(int32_t count, const uint32_t *hashes, const egg_row_noise *noise,
                           uint32_t pair, int8_t *out) {
    for (int32_t i = 0; i < count; i++) {
        uint32_t hash = hashes[i] & 0xFFFFFF;
        sound->row_noise(1, &hash, noise, pair, out + i);
    }
}

void row_noise_past_end(int32_t count, const uint32_t *hashes, const egg_row_noise *noise,
                        uint32_t pair, int8_t *out) {
    sound->row_noise(count, hashes, noise, pair, out);
    out[count] = 0;
}

/// The sums alone, and plain clipping.
void direct_without_largest(int32_t rows, int32_t groups, int32_t vocabulary,
                            const egg_chosen_rows *chosen, egg_out_rows logits) {
    for (int32_t row = 0; row < rows; row++) {
        ptrdiff_t source = groups > 0 ? row / 2 % groups : row;
        for (int32_t v = 0; v < vocabulary; v++) {
            int32_t z = logits.data[row * logits.stride + v];
            for (int32_t k = 0; k < chosen->contexts; k++)
                z += weight(chosen, chosen->indices[source * chosen->contexts + k], v);
            logits.data[row * logits.stride + v] = (int8_t)(z > 127 ? 127 : z < -127 ? -127 : z);
        }
    }
}

/// Members take the groups in turn, one by one instead of two by two.
void direct_of_single_members(int32_t rows, int32_t groups, int32_t vocabulary,
                              const egg_chosen_rows *chosen, egg_out_rows logits) {
    for (int32_t row = 0; row < rows; row++) {
        egg_chosen_rows own = *chosen;
        own.indices += (groups > 0 ? row % groups : row) * chosen->contexts;
        sound->add_direct(1, 0, vocabulary, &own,
                          (egg_out_rows){logits.data + row * logits.stride, logits.stride});
    }
}

void direct_of_first_draw(int32_t rows, int32_t groups, int32_t vocabulary,
                          const egg_chosen_rows *chosen, egg_out_rows logits) {
    sound->add_direct(groups > 0 ? 2 * groups : rows, groups, vocabulary, chosen, logits);
}

/// The zeros behind a row take part in its largest value.
void direct_with_padding(int32_t rows, int32_t groups, int32_t vocabulary,
                         const egg_chosen_rows *chosen, egg_out_rows logits) {
    int32_t padded = (vocabulary + EGG_ALIGNMENT - 1) / EGG_ALIGNMENT * EGG_ALIGNMENT;
    sound->add_direct(rows, groups, padded, chosen, logits);
    for (int32_t row = 0; row < rows; row++)
        for (int32_t v = vocabulary; v < padded; v++) logits.data[row * logits.stride + v] = 0;
}
