// The parity vectors of the paper's authors' code, through the functions of a kernel.
#ifndef CONFORMANCE_PARITY_H
#define CONFORMANCE_PARITY_H

#include <stdbool.h>

#include "egg_kernels.h"

/// Whether the kernel gives every number of the file; says what differs on standard error.
bool check_parity(const char *path, const egg_kernel *kernel);

#endif
