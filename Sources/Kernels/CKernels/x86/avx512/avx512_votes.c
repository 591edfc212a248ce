// The votes of the AVX-512 kernel: an Int8 product over pairs. B is moved up by 128 to be the
// unsigned factor; a row's sums begin at -128·ΣA'. |Σ| <= 255·127·256 pairs.
#if defined(__x86_64__)
#include "avx512.h"

EGG_TARGET_BEGIN(EGG_AVX512)
#include "vector512.h"
#include "../vnni/vnni_panels.h"
#include "../vnni/vnni_tile.h"
#include "avx512_votes.h"

/// Left factors [group][EGG_VOTE_ROWS][4], right ones [panel][group][32][4], what the sums of each
/// row begin at, and the sums of a tile.
typedef struct {
    int8_t left[most_vote_groups][EGG_VOTE_ROWS][vote_group];
    int32_t offsets[EGG_VOTE_ROWS];
    int32_t sums[tile_rows * panel_outputs];
    uint8_t right[];
} avx512_vote_factors;

size_t avx512_vote_scratch(int32_t columns) {
    return sizeof(avx512_vote_factors) + EGG_VOTE_PAIRS * (size_t)egg_padded(columns);
}

static void avx512_pack_left(int32_t groups, int32_t pairs, egg_const_rows a,
                             const int8_t *fitness, int32_t shift, avx512_vote_factors *factors) {
    vector totals[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
    for (int32_t group = 0; group < groups; group++) {
        vector quarters[4];
        avx512_left_group(group, pairs, a, fitness, shift, quarters);
        for (int i = 0; i < 4; i++) {
            v_store(factors->left[group][16 * i], quarters[i]);
            totals[i] = v_dot8(totals[i], v_set8(-128), quarters[i]);
        }
    }
    for (int i = 0; i < 4; i++) v_store(factors->offsets + 16 * i, v_sub32(v_zero(), totals[i]));
}

static void avx512_pack_right(int32_t groups, int32_t pairs, int32_t columns, egg_const_rows b,
                              uint8_t *right) {
    ptrdiff_t panel_bytes = (ptrdiff_t)groups * 2 * vector_bytes;
    for (int32_t column = 0; column < columns; column += 64) {
        uint8_t *out = right + column / panel_outputs * panel_bytes;
        for (int32_t group = 0; group < groups; group++, out += 2 * vector_bytes) {
            vector quarters[4];
            avx512_right_group(group, pairs, b, column, quarters);
            for (int i = 0; i < 4; i++)
                v_store(out + i / 2 * panel_bytes + i % 2 * vector_bytes,
                        v_xor(quarters[i], v_set8(-128)));
        }
    }
}

void avx512_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
                  const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
                  void *scratch) {
    avx512_vote_factors *factors = scratch;
    int32_t groups = (pairs + vote_group - 1) / vote_group;
    avx512_pack_left(groups, pairs, a, fitness, shift, factors);
    avx512_pack_right(groups, pairs, columns, b, factors->right);
    for (int32_t panel = 0; panel < vnni_panels(columns); panel++) {
        const uint8_t *right = factors->right + (ptrdiff_t)panel * groups * 2 * vector_bytes;
        int32_t column = panel * panel_outputs, count;
        for (int32_t row = 0; row < rows; row += count) {
            count = vnni_tile(rows - row, groups, factors->left[0][row], vote_group,
                              sizeof factors->left[0], right, factors->offsets + row,
                              factors->sums);
            avx512_add_votes(count, columns - column, factors->sums, e + row * e_stride + column,
                             e_stride);
        }
    }
}

EGG_TARGET_END
#endif
