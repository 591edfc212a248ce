// The matrix product and the roofline of the AVX-512 kernel.
#if defined(__x86_64__)
#include "avx512.h"

#define EGG_UNIT avx512
EGG_TARGET_BEGIN(EGG_AVX512)
#include "vector512.h"
#include "../vnni/vnni_product.h"
#include "../vnni/vnni_roofline.h"
EGG_TARGET_END
#endif
