// Checks that the emulated tiles stop at each kind of misuse, and not at proper use.
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../emulated_tiles.h"

/// The operand of LDTILECFG, and bytes to load from and store to.
static struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} config = {.palette = 1};
static uint8_t memory[1024];

static void multiply(void) {
    _tile_loadconfig(&config);
    _tile_zero(0);
    _tile_loadd(1, memory, 64);
    _tile_loadd(2, memory, 64);
    _tile_dpbssd(0, 1, 2);
    _tile_stored(0, memory, 64);
}

static void wrong_palette(void) { config.palette = 0, multiply(); }
static void reserved_byte(void) { config.reserved[13] = 1, multiply(); }
static void ninth_tile(void) { config.bytes[8] = 64, config.rows[8] = 16, multiply(); }
static void too_many_rows(void) { config.rows[5] = 17, multiply(); }
static void wide_rows(void) { config.bytes[5] = 68, multiply(); }
static void rows_of_no_bytes(void) { config.bytes[5] = 0, multiply(); }
static void shapes_that_do_not_fit(void) { config.rows[2] = 8, multiply(); }
static void no_configuration(void) { _tile_zero(0); }
static void after_release(void) { multiply(), _tile_release(), _tile_zero(0); }
static void no_such_tile(void) { multiply(), _tile_zero(8); }
static void unwritten_sums(void) { multiply(), _tile_dpbssd(3, 1, 2); }
static void unwritten_factor(void) { multiply(), _tile_dpbssd(0, 1, 3); }
static void stored_unwritten(void) { multiply(), _tile_stored(3, memory, 64); }
static void same_tile_twice(void) { multiply(), _tile_dpbssd(0, 1, 1); }

/// Whether a process of its own that calls `run` ends by abort().
static bool stops(void (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        run();
        _exit(0);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

int main(void) {
    static void (*const misuses[])(void) = {
        wrong_palette,    reserved_byte,    ninth_tile,             too_many_rows,    wide_rows,
        rows_of_no_bytes, no_configuration, shapes_that_do_not_fit, after_release,    no_such_tile,
        unwritten_sums,   unwritten_factor, stored_unwritten,       same_tile_twice,
    };
    int count = (int)(sizeof misuses / sizeof misuses[0]);
    for (int tile = 0; tile < 8; tile++) config.bytes[tile] = 64, config.rows[tile] = 16;
    if (stops(multiply)) {
        fprintf(stderr, "error: emulated tiles: stop at proper use\n");
        return 1;
    }
    for (int i = 0; i < count; i++) {
        if (stops(misuses[i])) continue;
        fprintf(stderr, "error: emulated tiles: do not stop at misuse %d of main.c\n", i);
        return 1;
    }
    printf("emulated tiles: stop at %d kinds of misuse\n", count);
    return 0;
}
