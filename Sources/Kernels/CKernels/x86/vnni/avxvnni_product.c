// The matrix product and the roofline of the AVX-VNNI kernel.
#if defined(__x86_64__)
#include "avxvnni.h"

#define EGG_UNIT avxvnni
EGG_TARGET_BEGIN(EGG_AVXVNNI)
#include "vector256.h"
#include "vnni_product.h"
#include "vnni_roofline.h"
EGG_TARGET_END
#endif
