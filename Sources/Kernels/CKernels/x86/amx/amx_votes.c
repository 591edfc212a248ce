// The votes of the AMX kernel: an Int8 product over pairs. |Σ| <= 127²·256 pairs.
#if defined(__x86_64__)
#include "amx.h"

EGG_TARGET_BEGIN(EGG_AMX)
#include "../avx512/avx512_votes.h"
#include "amx_step.h"

enum {
    vote_step = 64,  // pairs of a tile
    most_vote_steps = EGG_VOTE_PAIRS / vote_step,
    vote_row_tiles = EGG_VOTE_ROWS / amx_tile_rows,
    vote_columns = 32,  // of two tiles
};

/// Left factors as tiles of 16 rows × 64 pairs, right ones as [32 columns][step][half] tiles of 16
/// groups of pairs × 16 columns, and the sums of 2 × 2 tiles.
typedef struct {
    int8_t left[vote_row_tiles][most_vote_steps][amx_tile_size];
    int32_t sums[amx_block_rows * vote_columns];
    int8_t right[];
} amx_vote_factors;

size_t amx_vote_scratch(int32_t columns) {
    return sizeof(amx_vote_factors) + EGG_VOTE_PAIRS * (size_t)egg_padded(columns);
}

/// Columns of 16 rows of Int32 to rows.
EGG_INLINE void amx_transpose(const __m512i in[16], int8_t *tile) {
    __m512i quads[4][4];  // [column mod 4][rows / 4]: lane l has column 4·l + the first index
    for (int i = 0; i < 4; i++) {
        __m512i low01 = _mm512_unpacklo_epi32(in[4 * i], in[4 * i + 1]);
        __m512i high01 = _mm512_unpackhi_epi32(in[4 * i], in[4 * i + 1]);
        __m512i low23 = _mm512_unpacklo_epi32(in[4 * i + 2], in[4 * i + 3]);
        __m512i high23 = _mm512_unpackhi_epi32(in[4 * i + 2], in[4 * i + 3]);
        quads[0][i] = _mm512_unpacklo_epi64(low01, low23);
        quads[1][i] = _mm512_unpackhi_epi64(low01, low23);
        quads[2][i] = _mm512_unpacklo_epi64(high01, high23);
        quads[3][i] = _mm512_unpackhi_epi64(high01, high23);
    }
    for (int j = 0; j < 4; j++) {
        __m512i columns[4];
        avx512_exchange_lanes(quads[j], columns);
        for (int l = 0; l < 4; l++)
            _mm512_storeu_si512(tile + (4 * l + j) * amx_tile_bytes, columns[l]);
    }
}

static void amx_pack_left(int32_t steps, int32_t pairs, egg_const_rows a, const int8_t *fitness,
                          int32_t shift, amx_vote_factors *factors) {
    for (int32_t step = 0; step < steps; step++) {
        __m512i groups[vote_row_tiles][16];
        for (int32_t group = 0; group < 16; group++) {
            __m512i quarters[vote_row_tiles];
            avx512_left_group(16 * step + group, pairs, a, fitness, shift, quarters);
            for (int i = 0; i < vote_row_tiles; i++) groups[i][group] = quarters[i];
        }
        for (int i = 0; i < vote_row_tiles; i++) amx_transpose(groups[i], factors->left[i][step]);
    }
}

static void amx_pack_right(int32_t steps, int32_t pairs, int32_t columns, egg_const_rows b,
                           int8_t *right) {
    ptrdiff_t panel_bytes = (ptrdiff_t)steps * 2 * amx_tile_size;
    for (int32_t column = 0; column < columns; column += 64) {
        int8_t *out = right + column / vote_columns * panel_bytes;
        for (int32_t group = 0; group < 16 * steps; group++) {
            __m512i quarters[4];
            avx512_right_group(group, pairs, b, column, quarters);
            int8_t *row = out + group / 16 * 2 * amx_tile_size + group % 16 * amx_tile_bytes;
            for (int i = 0; i < 4; i++)
                _mm512_storeu_si512(row + i / 2 * panel_bytes + i % 2 * amx_tile_size, quarters[i]);
        }
    }
}

/// The sums of 32 rows and 32 columns.
static void amx_vote_block(int32_t steps, const int8_t (*left)[most_vote_steps][amx_tile_size],
                           const int8_t *right, int32_t *sums) {
    amx_zero_sums();
    for (int32_t step = 0; step < steps; step++, right += 2 * amx_tile_size)
        amx_step(left[0][step], left[1][step], amx_tile_bytes, right);
    enum { stride = vote_columns * sizeof(int32_t) };
    int32_t *upper = sums + amx_tile_rows * vote_columns;
    _tile_stored(AMX_SUMS_00, sums, stride);
    _tile_stored(AMX_SUMS_01, sums + 16, stride);
    _tile_stored(AMX_SUMS_10, upper, stride);
    _tile_stored(AMX_SUMS_11, upper + 16, stride);
}

void amx_votes(int32_t pairs, int32_t rows, int32_t columns, egg_const_rows a, egg_const_rows b,
               const int8_t *fitness, int32_t shift, int32_t *e, ptrdiff_t e_stride,
               void *scratch) {
    amx_prepare_thread();
    amx_vote_factors *factors = scratch;
    int32_t steps = (pairs + vote_step - 1) / vote_step;
    amx_pack_left(steps, pairs, a, fitness, shift, factors);
    amx_pack_right(steps, pairs, columns, b, factors->right);
    for (int32_t column = 0; column < columns; column += vote_columns) {
        const int8_t *right =
            factors->right + (ptrdiff_t)(column / vote_columns) * steps * 2 * amx_tile_size;
        for (int32_t row = 0; row < rows; row += amx_block_rows) {
            amx_vote_block(steps, factors->left + row / amx_tile_rows, right, factors->sums);
            int32_t left = rows - row;
            avx512_add_votes(left < amx_block_rows ? left : amx_block_rows, columns - column,
                             factors->sums, e + row * e_stride + column, e_stride);
        }
    }
}

EGG_TARGET_END
#endif
