// Every function of a table as plain loops, written once and compiled by each unit for its instruction set:
// the compiler vectorises them. A unit has by hand only what it does faster.
//
// Include once, in the file of the unit's table, with EGG_UNIT defined and inside EGG_TARGET_BEGIN. All of it
// is static, and what the table does not take leaves no code.
#ifndef EGG_LOOPS_H
#define EGG_LOOPS_H

#include <stddef.h>

#include "activation.h"
#include "contexts.h"
#include "elementwise.h"
#include "loss.h"
#include "noise.h"
#include "normalization.h"
#include "product.h"
#include "recurrence.h"
#include "roofline.h"
#include "softmax.h"
#include "unit.h"
#include "votes.h"

#define EGG_LOOPS EGG_JOIN(EGG_UNIT, loop)

/// All functions of a table.
#define EGG_LOOP_FUNCTIONS(F)       \
    F(EGG_LOOPS, packed_bytes)      \
    F(EGG_LOOPS, pack)              \
    F(EGG_LOOPS, product_scratch)   \
    F(EGG_LOOPS, product)           \
    F(EGG_LOOPS, normalize)         \
    F(EGG_LOOPS, embed)             \
    F(EGG_LOOPS, add_contexts)      \
    F(EGG_LOOPS, sum_row_noise)     \
    F(EGG_LOOPS, row_noise)         \
    F(EGG_LOOPS, add_direct)        \
    F(EGG_LOOPS, move_rows)         \
    F(EGG_LOOPS, perturb_vector)    \
    F(EGG_LOOPS, gate)              \
    F(EGG_LOOPS, update_state)      \
    F(EGG_LOOPS, add)               \
    F(EGG_LOOPS, rectify)           \
    F(EGG_LOOPS, log_likelihood)    \
    F(EGG_LOOPS, noise)             \
    F(EGG_LOOPS, vote_scratch)      \
    F(EGG_LOOPS, votes)             \
    F(EGG_LOOPS, vector_votes)      \
    F(EGG_LOOPS, roofline)          \
    F(EGG_LOOPS, spread)            \
    F(EGG_LOOPS, average)           \
    F(EGG_LOOPS, scale_noise)       \
    F(EGG_LOOPS, perturb)           \
    F(EGG_LOOPS, mask_noise)        \
    F(EGG_LOOPS, gate_factors)      \
    F(EGG_LOOPS, correlate)         \
    F(EGG_LOOPS, credit)            \
    F(EGG_LOOPS, state_credit)      \
    F(EGG_LOOPS, softmax_error)     \
    F(EGG_LOOPS, add_rows)          \
    F(EGG_LOOPS, add_dots)          \
    F(EGG_LOOPS, mask_rows)         \
    F(EGG_LOOPS, add_scaled)

#define EGG_COUNT(unit, function) +1
_Static_assert(sizeof(egg_kernel) == offsetof(egg_kernel, packed_bytes) +
                                         (EGG_LOOP_FUNCTIONS(EGG_COUNT)) * sizeof(void (*)(void)),
               "EGG_LOOP_FUNCTIONS does not name every function of egg_kernel once");

// A table names a function again where its unit has a faster one.
#pragma clang diagnostic ignored "-Winitializer-overrides"

#endif
