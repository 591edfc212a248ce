// The left matrix of the NEON kernels whose tile reads rows of inputs as they are: a product reads x in
// place. Include before neon_matrix.h, with EGG_UNIT defined.

static inline int8_t *EGG_NAME(left_block)(int8_t *left, ptrdiff_t stride, int32_t row,
                                            int32_t block) {
    return left + row * stride + 8 * block;
}

static size_t EGG_NAME(left_bytes)(int32_t rows, int32_t inputs) {
    (void)rows, (void)inputs;
    return 0;
}

static neon_left EGG_NAME(left_of_rows)(const egg_product *p, int32_t rows, int8_t *scratch) {
    (void)rows, (void)scratch;
    return (neon_left){p->x, p->x_stride};
}
