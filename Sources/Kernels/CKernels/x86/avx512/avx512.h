// Functions of the AVX-512 kernel that have a file each; the AMX kernel has some of them too.
#ifndef EGG_AVX512_H
#define EGG_AVX512_H

#include <string.h>

#include "egg_kernels.h"
#include "../../portable/rows.h"
#include "../x86.h"

size_t avx512_packed_bytes(int32_t outputs, int32_t inputs);
void avx512_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed);
size_t avx512_product_scratch(int32_t rows, int32_t inputs);
void avx512_product(const egg_product *p, egg_rows rows, void *scratch);
void avx512_normalize(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                      egg_out_rows out);
void avx512_gate(int32_t rows, int32_t width, egg_const_rows from_input, egg_const_rows from_state,
                 egg_const_rows bias, const int8_t *table, egg_const_rows state, egg_out_rows f,
                 egg_out_rows gated);
void avx512_update_state(int32_t rows, int32_t width, egg_const_rows from_input,
                         egg_const_rows from_state, egg_const_rows bias, const int8_t *table,
                         egg_const_rows f, egg_out_rows state, egg_out_rows x);
void avx512_add(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x);
void avx512_log_likelihood(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                           const uint8_t *targets, ptrdiff_t target_stride,
                           const egg_loss_tables *tables, int32_t *scores);
void avx512_noise(const egg_noise *key, int32_t first, int32_t count, int8_t *out);
size_t avx512_vote_scratch(int32_t columns);
void avx512_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
                  const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
                  void *scratch);

#endif
