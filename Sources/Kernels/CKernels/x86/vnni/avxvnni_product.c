// The matrix product of the AVX-VNNI kernel.
#if defined(__x86_64__)
#include "avxvnni.h"

#define EGG_NAME(x) avxvnni_##x
EGG_TARGET_BEGIN(EGG_AVXVNNI)
#include "vector256.h"
#include "vnni_product.h"
EGG_TARGET_END
#endif
