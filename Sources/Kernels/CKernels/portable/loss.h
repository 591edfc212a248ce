// The log-likelihood as a plain loop (loops.h).
#ifndef EGG_LOSS_LOOPS_H
#define EGG_LOSS_LOOPS_H

#include "likelihood.h"
#include "unit.h"

static void EGG_LOOP(log_likelihood)(int32_t rows, int32_t vocabulary, egg_const_rows logits,
                                     const uint8_t *targets, ptrdiff_t target_stride,
                                     const egg_loss_tables *tables, int32_t *scores) {
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *y = logits.data + row * logits.stride;
        uint32_t sum = 0;  // at most 256·2^20
        for (int32_t v = 0; v < vocabulary; v++) sum += egg_exp2(y[v], tables);
        scores[row] += egg_likelihood(y[targets[row * target_stride]] + 128, sum, tables);
    }
}

#endif
