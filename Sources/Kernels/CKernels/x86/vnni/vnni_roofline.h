// The roofline of the VNNI kernels: vpdpbusd and nothing else, in as many chains as hide its latency.
// Include inside EGG_TARGET_BEGIN, after the vectors, with EGG_UNIT defined.

int64_t EGG_NAME(roofline)(int32_t rounds) {
    vector sums[roofline_chains];
    for (int i = 0; i < roofline_chains; i++) sums[i] = v_set32(i);
    const vector x = v_set8(3), w = v_set8(5);
    for (int32_t round = 0; round < rounds; round++)
        for (int i = 0; i < roofline_chains; i++) sums[i] = v_dot8(sums[i], x, w);
    __asm__ volatile("" : : "m"(sums));
    return (int64_t)rounds * roofline_chains * vector_bytes;
}
