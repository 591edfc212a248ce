// Small operations on widths and values that every kernel shares.
#ifndef EGG_ROWS_H
#define EGG_ROWS_H

#include "egg_kernels.h"

/// The width of a row in memory.
static inline int32_t egg_padded(int32_t width) {
    return (width + EGG_ALIGNMENT - 1) / EGG_ALIGNMENT * EGG_ALIGNMENT;
}

static inline int8_t egg_clip(int32_t value) {
    return (int8_t)(value > 127 ? 127 : value < -127 ? -127 : value);
}

static inline int16_t egg_clip16(int16_t value) {
    value = value > 127 ? 127 : value;
    return value < -127 ? -127 : value;
}

#endif
