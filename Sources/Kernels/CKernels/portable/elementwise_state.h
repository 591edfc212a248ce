// Normalization and the update of the state as plain loops, for the kernels that have neither by hand:
// included after elementwise_gate.h, under the same EGG_NAME(x).

static void EGG_NAME(normalize)(int32_t rows, int32_t width, egg_const_rows x, egg_const_rows gain,
                                egg_out_rows out) {
    int32_t padded = egg_padded(width);
    uint64_t width_reciprocal = egg_width_reciprocal(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict in = x.data + row * x.stride;
        const int8_t *restrict g = gain.data + row * gain.stride;
        int8_t *restrict result = out.data + row * out.stride;
        uint32_t sum = 0;
        for (int32_t i = 0; i < padded; i++) sum += (uint32_t)(in[i] < 0 ? -in[i] : in[i]);
        egg_divisor divisor = egg_make_divisor(egg_mean_magnitude(sum, width_reciprocal));
        for (int32_t i = 0; i < padded; i++)
            // |2·in·g + 1| <= 2·127² + 1 fits Int16.
            result[i] = (int8_t)egg_clip16(
                egg_divide_odd((int16_t)(2 * in[i] * g[i] + 1), divisor));
    }
}

static void EGG_NAME(update_state)(int32_t rows, int32_t width, egg_const_rows from_input,
                                   egg_const_rows from_state, egg_const_rows bias,
                                   const int8_t *table, egg_const_rows f, egg_out_rows state,
                                   egg_out_rows x) {
    int32_t padded = egg_padded(width);
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *restrict gate = f.data + row * f.stride;
        int8_t *restrict s = state.data + row * state.stride;
        int8_t *restrict result = x.data + row * x.stride;
        for (int32_t start = 0; start < padded; start += EGG_ALIGNMENT) {
            int8_t h[EGG_ALIGNMENT];
            EGG_NAME(activate)(EGG_ALIGNMENT, from_input.data + row * from_input.stride + start,
                               from_state.data + row * from_state.stride + start,
                               bias.data + row * bias.stride + start, table, h);
            for (int32_t i = 0; i < EGG_ALIGNMENT; i++) {
                // (f + 127)·(h - s) reaches 64516; doubled and times 128 its upper half is the
                // product >> 8, and both factors fit Int16.
                int16_t old = s[start + i];
                int16_t openness = (int16_t)((gate[start + i] + 127) * 2);
                int16_t distance = (int16_t)((h[i] - old) * 128);
                int16_t change = (int16_t)(((int32_t)openness * distance) >> 16);
                int16_t moved = (int16_t)(old + change);
                s[start + i] = (int8_t)moved;
                result[start + i] =
                    (int8_t)egg_clip16((int16_t)(moved + result[start + i]));
            }
        }
    }
}
