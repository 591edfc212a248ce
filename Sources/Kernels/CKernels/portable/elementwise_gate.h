// The gate and the sum of rows as plain loops, for the kernels that have neither by hand: included
// after elementwise.h, under the same EGG_NAME(x).

/// The sum of three Int8, clipped, through a table of 256 entries where there is one.
static inline void EGG_NAME(activate)(int32_t padded, const int8_t *restrict a,
                                      const int8_t *restrict b, const int8_t *restrict c,
                                      const int8_t *restrict table, int8_t *restrict out) {
    for (int32_t i = 0; i < padded; i++)
        out[i] = (int8_t)egg_clip16((int16_t)(a[i] + b[i] + c[i]));
    if (table != NULL)
        for (int32_t i = 0; i < padded; i++) out[i] = table[out[i] + 128];
}

static void EGG_NAME(gate)(int32_t rows, int32_t width, egg_const_rows from_input,
                           egg_const_rows from_state, egg_const_rows bias, const int8_t *table,
                           egg_const_rows state, egg_out_rows f, egg_out_rows gated) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        int8_t *restrict gate = f.data + row * f.stride;
        EGG_NAME(activate)(padded, from_input.data + row * from_input.stride,
                           from_state.data + row * from_state.stride,
                           bias.data + row * bias.stride, table, gate);
        const int8_t *restrict s = state.data + row * state.stride;
        int8_t *restrict result = gated.data + row * gated.stride;
        // |(f + 127)·s| <= 254·127 fits Int16.
        for (int32_t i = 0; i < padded; i++)
            result[i] = (int8_t)((int16_t)((gate[i] + 127) * s[i]) >> 8);
    }
}

static void EGG_NAME(add)(int32_t rows, int32_t width, egg_const_rows addend, egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict in = addend.data + row * addend.stride;
        int8_t *restrict result = x.data + row * x.stride;
        for (int32_t i = 0; i < padded; i++)
            result[i] = (int8_t)egg_clip16((int16_t)(result[i] + in[i]));
    }
}
