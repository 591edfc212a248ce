// The matrix product of the AVX-512 kernel.
#if defined(__x86_64__)
#include "avx512.h"

#define EGG_NAME(x) avx512_##x
EGG_TARGET_BEGIN(EGG_AVX512)
#include "vector512.h"
#include "../vnni/vnni_product.h"
EGG_TARGET_END
#endif
