// AMX tiles in plain C, stricter than the processor: misuse ends the process with a message.
#ifndef EMULATED_TILES_H
#define EMULATED_TILES_H

#include <stddef.h>

void emulated_tile_configure(const void *config);
void emulated_tile_release(void);
void emulated_tile_load(int tile, const void *from, ptrdiff_t stride);
void emulated_tile_store(int tile, void *to, ptrdiff_t stride);
void emulated_tile_zero(int tile);

/// c += a · b of signed bytes, sums of four.
void emulated_tile_dot(int c, int a, int b);

// The compiler's header has these as macros as well.
#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero
#undef _tile_dpbssd

#define _tile_loadconfig(config) emulated_tile_configure(config)
#define _tile_release() emulated_tile_release()
#define _tile_loadd(tile, from, stride) emulated_tile_load(tile, from, (ptrdiff_t)(stride))
#define _tile_stored(tile, to, stride) emulated_tile_store(tile, to, (ptrdiff_t)(stride))
#define _tile_zero(tile) emulated_tile_zero(tile)
#define _tile_dpbssd(c, a, b) emulated_tile_dot(c, a, b)

#endif
