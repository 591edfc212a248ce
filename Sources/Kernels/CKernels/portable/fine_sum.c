// The sum of exponentials with 32 fraction bits, by which an evaluation measures its likelihoods.
#include "egg_kernels.h"

uint64_t egg_fine_sum(const int8_t *logits, int32_t vocabulary, const egg_loss_tables *tables) {
    uint64_t sum = 0;
    for (int32_t v = 0; v < vocabulary; v++) {
        int32_t index = logits[v] + 128;
        sum += tables->fine_mantissas[index & 15] << (index >> 4);
    }
    return sum;
}
