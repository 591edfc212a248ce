// Philox4x32-10, the counter-based generator of the noise, on one block or on as many as a vector holds.
//
// Include with EGG_PHILOX(x), the prefix of names, and EGG_WORDS, the type of a 32-bit word of each block,
// defined, and after these functions:
//
//   EGG_PHILOX(broadcast)(x)                   x as the word of every block
//   EGG_PHILOX(multiply)(a, x, &high, &low)    the upper and the lower words of a · x in 64 bits
//   EGG_PHILOX(mix)(a, b, c)                   a ^ b ^ c

/// words[j] becomes word j of the blocks with these numbers.
EGG_INLINE void EGG_PHILOX(blocks)(const egg_noise *key, EGG_WORDS numbers, EGG_WORDS words[4]) {
    EGG_WORDS c0 = numbers, c1 = EGG_PHILOX(broadcast)(key->index);
    EGG_WORDS c2 = EGG_PHILOX(broadcast)(key->selector), c3 = EGG_PHILOX(broadcast)(key->epoch);
    uint32_t k0 = key->seed_low, k1 = key->seed_high;
    for (int round = 0; round < 10; round++) {
        EGG_WORDS first_high, first_low, second_high, second_low;
        EGG_PHILOX(multiply)(c0, UINT32_C(0xD2511F53), &first_high, &first_low);
        EGG_PHILOX(multiply)(c2, UINT32_C(0xCD9E8D57), &second_high, &second_low);
        c0 = EGG_PHILOX(mix)(second_high, c1, EGG_PHILOX(broadcast)(k0));
        c2 = EGG_PHILOX(mix)(first_high, c3, EGG_PHILOX(broadcast)(k1));
        c1 = second_low;
        c3 = first_low;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}
