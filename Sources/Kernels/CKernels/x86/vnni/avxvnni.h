// The product of the AVX-VNNI kernel, which has a file of its own.
#ifndef EGG_AVXVNNI_H
#define EGG_AVXVNNI_H

#include <string.h>

#include "egg_kernels.h"
#include "../../portable/rows.h"
#include "../x86.h"

size_t avxvnni_packed_bytes(int32_t outputs, int32_t inputs);
void avxvnni_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed);
size_t avxvnni_product_scratch(int32_t rows, int32_t inputs);
void avxvnni_product(const egg_product *p, egg_rows rows, void *scratch);

#endif
