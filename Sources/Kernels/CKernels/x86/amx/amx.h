// What the files of the AMX kernel share: the tiles and their configuration.
#ifndef EGG_AMX_H
#define EGG_AMX_H

#include "../x86.h"

/// The functions of the AMX kernel that the AVX-512 kernel has slower.
#define AMX_FUNCTIONS(F)      \
    F(amx, packed_bytes)      \
    F(amx, pack)              \
    F(amx, product_scratch)   \
    F(amx, product)           \
    F(amx, vote_scratch)      \
    F(amx, votes)             \
    F(amx, roofline)

AMX_FUNCTIONS(EGG_DECLARATION)

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
