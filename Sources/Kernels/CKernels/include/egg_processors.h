#ifndef EGG_PROCESSORS_H
#define EGG_PROCESSORS_H

#include <stdint.h>

/// Processors that the affinity of this process, as `taskset` sets it, leaves to it; at least 1.
int32_t egg_processor_count(void);

#endif
