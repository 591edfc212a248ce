#include "egg_kernels.h"
