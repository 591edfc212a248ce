// The roofline of a kernel without instructions of its own (loops.h).
#ifndef EGG_ROOFLINE_LOOPS_H
#define EGG_ROOFLINE_LOOPS_H

#include "unit.h"

/// Products of Int16 in vectors of 16, as the compiler writes them for the baseline.
static int64_t EGG_LOOP(roofline)(int32_t rounds) {
    typedef int16_t halves __attribute__((vector_size(16)));
    enum { accumulators = 8 };
    halves sums[accumulators] = {0};
    halves x = {1, 2, 3, 4, 5, 6, 7, 8}, w = {8, 7, 6, 5, 4, 3, 2, 1};
    for (int32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < accumulators; i++) {
            __asm__ volatile("" : "+m"(x));
            sums[i] += x * w;
        }
    }
    __asm__ volatile("" : : "m"(sums));
    return (int64_t)rounds * accumulators * 8;
}

#endif
