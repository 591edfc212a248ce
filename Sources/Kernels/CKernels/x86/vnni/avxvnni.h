// The functions of the AVX-VNNI kernel that the AVX2 kernel has slower.
#ifndef EGG_AVXVNNI_H
#define EGG_AVXVNNI_H

#include "../x86.h"

#define AVXVNNI_FUNCTIONS(F)      \
    F(avxvnni, packed_bytes)      \
    F(avxvnni, pack)              \
    F(avxvnni, product_scratch)   \
    F(avxvnni, product)           \
    F(avxvnni, roofline)

AVXVNNI_FUNCTIONS(EGG_DECLARATION)

#endif
