// Mistakes in the functions of the rows that contexts choose: see mutants.c.
#ifndef CONTEXT_MUTANTS_H
#define CONTEXT_MUTANTS_H

#include "egg_kernels.h"

/// The kernel that mutants call for what they do right.
extern const egg_kernel *sound;

typedef void add_contexts_mutant(egg_rows rows, int32_t width, const egg_contexts *contexts,
                                 egg_out_rows x);
add_contexts_mutant contexts_of_first_row, contexts_without_sign, contexts_without_last,
    contexts_clipping_early;

typedef void move_rows_mutant(int32_t count, int32_t width, const egg_row_move *moves,
                              egg_const_rows credits, egg_fine_rows table);
move_rows_mutant move_rows_backwards, move_rows_once, move_rows_with_one_dither,
    move_rows_into_padding, move_rows_losing_parts, move_rows_of_others;

typedef void sum_row_noise_mutant(egg_rows rows, int32_t contexts, const uint32_t *hashes,
                                  const egg_row_noise *noise, uint32_t first_pair, int16_t *sums);
sum_row_noise_mutant sum_row_noise_of_first_pair, sum_row_noise_in_8_bits;

typedef void row_noise_mutant(int32_t count, const uint32_t *hashes, const egg_row_noise *noise,
                              uint32_t pair, int8_t *out);
row_noise_mutant row_noise_of_few_contexts, row_noise_past_end;

typedef void add_direct_mutant(int32_t rows, int32_t groups, int32_t vocabulary,
                               const egg_chosen_rows *chosen, egg_out_rows logits);
add_direct_mutant direct_without_largest, direct_of_single_members, direct_of_first_draw,
    direct_with_padding;

#endif
