// The kernel for every machine: the plain loops, in whatever vectors the compiler's baseline has.
#define EGG_UNIT portable
#include "loops.h"

const egg_kernel egg_portable_kernel = {
    .name = "portable",
    .block_rows = 32,
    EGG_LOOP_FUNCTIONS(EGG_MEMBER)
};
