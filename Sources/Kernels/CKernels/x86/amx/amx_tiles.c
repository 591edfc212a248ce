// The configuration of the tiles.
#if defined(__x86_64__)
#include "amx.h"

EGG_TARGET_BEGIN(EGG_AMX)

/// The operand of LDTILECFG.
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];  // of a row of each tile
    uint8_t rows[16];
} amx_config;

/// A thread keeps the one configuration as long as it lives: loading it takes some 200 cycles, a
/// small product not much more. There is nothing to release: the kernel saves tiles only of threads
/// that hold some, resets them when the processor idles and drops them when the thread ends. No call
/// relies on what tiles held before it, so a child after fork(), which inherits the configuration
/// but not the contents, computes the same. A library in the same process that loads another
/// configuration on this thread must put this one back.
void amx_prepare_thread(void) {
    static _Thread_local int prepared;
    if (prepared) return;
    amx_config config = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        config.bytes[tile] = amx_tile_bytes;
        config.rows[tile] = amx_tile_rows;
    }
    _tile_loadconfig(&config);
    prepared = 1;
}

EGG_TARGET_END
#endif
