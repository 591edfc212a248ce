// The model of a parity file, run through the functions of one kernel as RecurrentLM.BlockForward
// does.
#ifndef CONFORMANCE_NETWORK_H
#define CONFORMANCE_NETWORK_H

#include "egg_kernels.h"
#include "safetensors.h"

enum {
    vocabulary = 256,
    noise_pairs = 4,
    member_count = 2 * noise_pairs,
    tensors_of_layer = 10,
    most_tensors = 64,
};

/// A parameter with its noise. Vectors have one column.
typedef struct {
    char name[40];
    int32_t rows, columns;
    int8_t *values;   // [rows][columns]
    int8_t *a, *b;    // noise of the pairs: [pairs][rows], [pairs][columns] ([rows] for a vector)
    void *packed;     // a matrix
    int8_t *vectors;  // a vector with each member's noise: [members][rows]
} tensor;

/// Widths are multiples of EGG_ALIGNMENT, so that nothing needs padding.
typedef struct {
    const egg_kernel *kernel;
    int32_t hidden, layers, tensor_count;
    tensor tensors[most_tensors];  // emb, the layers, lnOut, head
    egg_loss_tables loss;
    int32_t pair[member_count], sign[member_count];
    egg_rows rows;   // those that run
    bool perturbed;  // with the noise of their pairs
    int8_t *x, *u, *from_input, *from_state, *f, *gated, *inner;  // [members][width]
    int8_t *logits;                                               // [members][vocabulary]
    int8_t *state;                                                // [members][layers][hidden]
    void *scratch;
} network;

/// Reads the parameters and noise, and packs the matrices.
network *make_network(const safetensors *file, const egg_kernel *kernel);
void free_network(network *n);

/// Begins with states of 0: one clean row, or all members.
void begin_network(network *n, bool perturbed);

/// Reads a token a row, and leaves the logits of the next.
void step_network(network *n, const uint8_t *tokens);

#endif
