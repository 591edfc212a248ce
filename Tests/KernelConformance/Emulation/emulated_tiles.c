// The state of the tiles of a thread and their operations, after the Intel 64 and IA-32 manual.
#include "emulated_tiles.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { tile_count = 8, most_rows = 16, row_bytes = 64 };

/// The operand of LDTILECFG.
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];  // of a row
    uint8_t rows[16];
} tile_config;

typedef struct {
    bool written;  // the kernels must not rely on what a tile held before
    uint8_t data[most_rows][row_bytes];
} tile;

static _Thread_local bool configured;
static _Thread_local tile_config current;
static _Thread_local tile tiles[tile_count];

static void misuse(const char *operation, const char *finding) {
    fprintf(stderr, "error: emulated tiles: %s: %s\n", operation, finding);
    abort();
}

void emulated_tile_configure(const void *config) {
    memcpy(&current, config, sizeof current);
    if (current.palette != 1) misuse("configuration", "the palette is not 1");
    if (current.start_row != 0) misuse("configuration", "begins inside an interrupted operation");
    for (size_t i = 0; i < sizeof current.reserved; i++)
        if (current.reserved[i] != 0) misuse("configuration", "a reserved byte is not 0");
    for (int i = 0; i < 16; i++) {
        bool used = current.rows[i] != 0 || current.bytes[i] != 0;
        if (i >= tile_count && used) misuse("configuration", "there are 8 tiles");
        if (current.rows[i] > most_rows || current.bytes[i] > row_bytes)
            misuse("configuration", "a tile of more than 16 rows of 64 bytes");
        if ((current.rows[i] == 0) != (current.bytes[i] == 0))
            misuse("configuration", "a tile with rows of no bytes, or with no rows");
    }
    memset(tiles, 0, sizeof tiles);
    configured = true;
}

void emulated_tile_release(void) { configured = false; }

static tile *configured_tile(const char *operation, int index) {
    if (!configured) misuse(operation, "this thread has loaded no configuration");
    if (index < 0 || index >= tile_count) misuse(operation, "no such tile");
    if (current.rows[index] == 0) misuse(operation, "the tile is not configured");
    return &tiles[index];
}

static tile *written_tile(const char *operation, int index) {
    tile *t = configured_tile(operation, index);
    if (!t->written) misuse(operation, "the tile was neither loaded nor zeroed");
    return t;
}

void emulated_tile_load(int index, const void *from, ptrdiff_t stride) {
    tile *t = configured_tile("load", index);
    memset(t->data, 0, sizeof t->data);
    for (int row = 0; row < current.rows[index]; row++)
        memcpy(t->data[row], (const uint8_t *)from + row * stride, current.bytes[index]);
    t->written = true;
}

void emulated_tile_store(int index, void *to, ptrdiff_t stride) {
    const tile *t = written_tile("store", index);
    for (int row = 0; row < current.rows[index]; row++)
        memcpy((uint8_t *)to + row * stride, t->data[row], current.bytes[index]);
}

void emulated_tile_zero(int index) {
    tile *t = configured_tile("zero", index);
    memset(t->data, 0, sizeof t->data);
    t->written = true;
}

void emulated_tile_dot(int c, int a, int b) {
    if (a == b || a == c || b == c) misuse("product", "takes three different tiles");
    tile *sums = written_tile("product", c);
    const tile *left = written_tile("product", a), *right = written_tile("product", b);
    if (current.rows[a] != current.rows[c] || current.bytes[b] != current.bytes[c] ||
        current.bytes[a] != 4 * current.rows[b] || current.bytes[c] % 4 != 0)
        misuse("product", "the shapes of its tiles do not fit");
    for (int row = 0; row < current.rows[c]; row++) {
        int32_t out[row_bytes / 4];
        memcpy(out, sums->data[row], sizeof out);
        for (int group = 0; group < current.bytes[a] / 4; group++)
            for (int column = 0; column < current.bytes[c] / 4; column++)
                for (int i = 4 * group; i < 4 * group + 4; i++)
                    out[column] += (int8_t)left->data[row][i] *
                                   (int8_t)right->data[group][4 * column + i % 4];
        memcpy(sums->data[row], out, sizeof out);
    }
}
