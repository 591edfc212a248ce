// What the files of the AMX kernel share: the tiles and their configuration.
#ifndef EGG_AMX_H
#define EGG_AMX_H

#include "../avx512/avx512.h"

size_t amx_packed_bytes(int32_t outputs, int32_t inputs);
void amx_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed);
size_t amx_product_scratch(int32_t rows, int32_t inputs);
void amx_product(const egg_product *p, egg_rows rows, void *scratch);
size_t amx_vote_scratch(int32_t columns);
void amx_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
               const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
               void *scratch);

/// Loads the configuration of the tiles if this thread has not yet; before its first tile operation.
void amx_prepare_thread(void);

enum {
    amx_tile_rows = 16,
    amx_tile_bytes = 64,  // of a row: 64 inputs, or 16 sums
    amx_tile_size = amx_tile_rows * amx_tile_bytes,
    amx_block_rows = 2 * amx_tile_rows,  // of a 2 × 2 block of tiles
};

/// Numbers of the tiles, all of 16 rows of 64 bytes: sums of the lower and upper 16 rows by the
/// first and second half of a panel, two tiles of rows, two of weights.
#define AMX_SUMS_00 0
#define AMX_SUMS_01 1
#define AMX_SUMS_10 2
#define AMX_SUMS_11 3
#define AMX_ROWS_0 4
#define AMX_ROWS_1 5
#define AMX_WEIGHTS_0 6
#define AMX_WEIGHTS_1 7

#endif
