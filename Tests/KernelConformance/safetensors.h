// Tensors of a safetensors file, as far as the parity vectors need it.
#ifndef CONFORMANCE_SAFETENSORS_H
#define CONFORMANCE_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *path;
    char *header;  // JSON, with a 0 at its end
    uint8_t *data;
    size_t data_bytes;
} safetensors;

/// False, with a message on standard error, for a file that cannot be read.
bool read_safetensors(const char *path, safetensors *file);

/// A copy of a tensor's bytes, aligned to 64; ends the program if the file has no such tensor of
/// that size.
void *copy_tensor(const safetensors *file, const char *name, size_t bytes);

/// A number of the metadata; ends the program if there is none.
int32_t metadata_number(const safetensors *file, const char *name);

/// Zeroed memory aligned to 64 bytes; ends the program if there is none.
void *aligned_zeros(size_t bytes);

void close_safetensors(safetensors *file);

#endif
