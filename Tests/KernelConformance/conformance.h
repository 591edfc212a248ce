// Checks kernels against the portable one, case by case: the operands of a case follow from the
// seed and the number of the case alone, so that every machine checks the same ones.
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "egg_kernels.h"

// MARK: random operands

/// SplitMix64.
typedef struct {
    uint64_t state;
} generator;

uint64_t draw(generator *g);

/// A number in low...high.
int32_t draw_between(generator *g, int32_t low, int32_t high);

/// Values in [-127, 127]: random, or an extreme such as all 127, all -127, alternating or zero.
void draw_values(generator *g, int8_t *out, int32_t count);

// MARK: guarded memory

/// Memory whose end lies at a page that cannot be touched (less than 64 bytes away, which are
/// checked), with checked bytes before it.
typedef struct {
    uint8_t *mapping;
    uint8_t *data;  // aligned to 64 bytes
    size_t size;
} region;

enum {
    region_bytes = 4 << 20,  // what a region may hold
    region_count = 24,
    output_count = 4,
};

// MARK: a case

/// Memory that a kernel writes: rows of which `used` bytes hold values, the rest stays as it was.
typedef struct {
    const char *name;
    region *memory;
    uint8_t *initial, *expected;
    int32_t rows;
    size_t used, stride;  // bytes
    size_t element;       // bytes
} output;

typedef struct {
    const egg_kernel *const *kernels;  // the first is the one to compare with
    int32_t kernel_count;
    uint64_t seed;
    int64_t index;         // of the case
    const char *function;  // of the table
    char operands[160];    // what a failure says about them
    generator random;
    uint64_t digest;  // of all that kernels[0] wrote
    bool failed;
    char failure[512];

    const egg_kernel *kernel;  // the one that runs now
    int32_t next;              // index of the one after it
    region regions[region_count];
    int32_t used, kept;  // regions in use, and those that last for the whole case
    output outputs[output_count];
    int32_t outputs_used;
} conformance;

/// Maps the guarded memory; once.
void prepare_memory(conformance *c);

/// Begins case `index` of the seed.
void begin_case(conformance *c, int64_t index, const char *function);

/// Makes the next kernel current and the outputs what they were at the beginning, after checking
/// what the kernel before it wrote. False after the last kernel or a failure.
bool next_kernel(conformance *c);

/// Guarded memory with arbitrary content; if a kernel is current, until the next one is.
void *take(conformance *c, size_t bytes);

/// Memory that `next_kernel` checks, with the content given to it before the first kernel.
void *take_output(conformance *c, output shape);

// MARK: rows

typedef struct {
    int32_t rows, width;
} row_shape;

/// Rows in 1...most_rows and a width in 1...most_width, small ones and multiples of 64 often.
row_shape draw_row_shape(generator *g, int32_t most_rows, int32_t most_width);

/// The bytes of a row up to the next multiple of EGG_ALIGNMENT.
ptrdiff_t padded_width(int32_t width);

/// Rows of `draw_values` padded with zeros, sometimes further apart than they need to be.
egg_const_rows draw_rows(conformance *c, int32_t rows, int32_t width);

/// As `draw_rows`, sometimes one row for all of them.
egg_const_rows draw_rows_or_one(conformance *c, int32_t rows, int32_t width);

/// As `draw_rows`, with values also in the padding.
egg_const_rows draw_rows_and_padding(conformance *c, int32_t rows, int32_t width);

/// Rows of an output, with values (not zeros) at the beginning and zeros as padding.
egg_out_rows draw_output_rows(conformance *c, const char *name, int32_t rows, int32_t width);

/// A table of 256 entries that keeps 0, as every nonlinearity does; sometimes none.
const int8_t *draw_table(conformance *c);

/// Which pair's noise each of `count` rows carries, as blocks have it or arbitrary; pairs < *pairs.
egg_rows draw_members(conformance *c, int32_t count, int32_t *pairs);

/// Noise of `pairs` pairs with a shift in 6...14.
egg_perturbation draw_perturbation(conformance *c, int32_t pairs, int32_t outputs, int32_t inputs);

/// The same, or noise of rank 4 or 16 within ±64 with a shift that is larger by 1 or 2.
egg_perturbation draw_ranked(conformance *c, int32_t pairs, int32_t outputs, int32_t inputs);

// MARK: functions of the table

enum { most_rows = 135 };  // of a block: two of the largest block_rows, and 7

void product_case(conformance *c);
void normalize_case(conformance *c);
void embed_case(conformance *c);
void perturb_vector_case(conformance *c);
void gate_case(conformance *c);
void update_state_case(conformance *c);
void add_case(conformance *c);
void rectify_case(conformance *c);
void log_likelihood_case(conformance *c);
void noise_case(conformance *c);
void votes_case(conformance *c);
void vector_votes_case(conformance *c);
void spread_case(conformance *c);
void average_case(conformance *c);
void scale_noise_case(conformance *c);
void perturb_case(conformance *c);
void mask_noise_case(conformance *c);
void gate_factors_case(conformance *c);
void correlate_case(conformance *c);
void credit_case(conformance *c);
void state_credit_case(conformance *c);
void softmax_error_case(conformance *c);
void add_rows_case(conformance *c);
void add_dots_case(conformance *c);
void mask_rows_case(conformance *c);
void add_scaled_case(conformance *c);
void add_contexts_case(conformance *c);
void move_rows_case(conformance *c);
void sum_row_noise_case(conformance *c);
void row_noise_case(conformance *c);
void add_direct_case(conformance *c);

typedef struct {
    const char *name;
    void (*run)(conformance *c);
} case_kind;

/// The kind of case `index`: those of the table in turn, the larger functions more often.
case_kind kind_of_case(int64_t index);

/// Runs cases first..<last, those of one function if it is given, up to the first failure. Returns
/// how many were run.
int64_t run_cases(conformance *c, int64_t first, int64_t last, const char *function);

/// Checks that broken kernels are found; prints each and returns whether all were.
bool find_mutants(conformance *c, int64_t cases);

#endif
