// The tables of the loss, as FixedPoint.LikelihoodTables makes them.
#ifndef CONFORMANCE_LOSS_TABLES_H
#define CONFORMANCE_LOSS_TABLES_H

#include "egg_kernels.h"

/// Σ EXP2 and LOG2 in 1/16 bit are the model's. The finer logarithm is only nearly that of the
/// model (linear between powers of two): the kernels just look it up.
void fill_loss_tables(egg_loss_tables *tables, int32_t fraction_bits);

#endif
