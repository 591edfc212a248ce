#ifndef EGG_PROCESSORS_H
#define EGG_PROCESSORS_H

#include <stdint.h>

/// Processors that this process may use (its affinity, as `taskset` sets it); at least 1.
int32_t egg_processor_count(void);

#endif
