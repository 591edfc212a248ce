// The matrix product of the AMX kernel.
//
// Blocks of 32 rows × 32 outputs are sums of four tiles: a step of 64 inputs loads two tiles of rows
// and two of weights and multiplies each with each (16 cycles a product, which hides the loads).
// Between the steps, in program order, goes the vector work of the block before: its sums are
// stored when the tiles are needed again, and finished while the tiles of this block multiply.
// Signed by signed bytes, sums exact: |Σ| <= 127²·inputs < 2^28 for inputs <= 16383.
#if defined(__x86_64__)
#include "amx.h"

EGG_TARGET_BEGIN(EGG_AMX)
#include "../avx512/vector512.h"
#include "../vnni/vnni_panels.h"
#include "../vnni/vnni_epilogue.h"
#include "../vnni/vnni_factors.h"
#include "amx_step.h"

static inline int32_t amx_steps(int32_t inputs) { return egg_padded(inputs) / amx_tile_bytes; }

/// Panels of 32 outputs as tiles: [panel][step][half][16 groups of inputs][16 outputs][4].
size_t amx_packed_bytes(int32_t outputs, int32_t inputs) {
    return (size_t)vnni_panels(outputs) * (size_t)amx_steps(inputs) * 2 * amx_tile_size;
}

void amx_pack(const int8_t *weights, int32_t outputs, int32_t inputs, void *packed) {
    vnni_pack(weights, outputs, inputs, amx_steps(inputs) * amx_tile_rows, amx_tile_rows, 0, packed);
}

/// The sums of a block, the rows of a last block that is not whole, the factors of all rows.
size_t amx_product_scratch(int32_t rows, int32_t inputs) {
    return amx_block_rows * panel_outputs * sizeof(int32_t) +
           (size_t)amx_block_rows * (size_t)egg_padded(inputs) +
           EGG_MAX_RANK * (size_t)vnni_factor_capacity(rows) * sizeof(int32_t);
}

typedef struct {
    const egg_product *p;
    egg_rows rows;
    vnni_epilogue epilogue;
    int32_t steps;
    int32_t *sums;    // [32][32], of the block before
    int8_t *tail;     // [32][inputs padded], the rows of the last block
    int32_t *factors;
} amx_job;

typedef struct {
    int32_t first, count, panel;  // rows first..<first + count
} amx_block;

/// Rows as tiles are loaded from: those of the product, but the last block from its copy, as a tile
/// always has 16 rows.
EGG_INLINE const int8_t *amx_rows(const amx_job *job, amx_block block, ptrdiff_t *stride) {
    *stride = job->p->x_stride;
    if (block.count == amx_block_rows) return job->p->x + block.first * *stride;
    *stride = egg_padded(job->p->inputs);
    return job->tail;
}

static void amx_copy_tail(const amx_job *job) {
    ptrdiff_t padded = egg_padded(job->p->inputs);
    int32_t count = job->rows.count % amx_block_rows, first = job->rows.count - count;
    if (count == 0) return;
    for (int32_t row = 0; row < count; row++)
        memcpy(job->tail + row * padded, job->p->x + (first + row) * job->p->x_stride,
               (size_t)padded);
    memset(job->tail + count * padded, 0, (size_t)((amx_block_rows - count) * padded));
}

/// Makes the factors of rows of `block` (with its first panel) and finishes those of the block
/// before, if there is one: rows from..<from + count of each.
static inline void amx_vector_work(const amx_job *job, amx_block block, const amx_block *before,
                                   int32_t from, int32_t count) {
    if (block.panel == 0 && job->epilogue.form != noise_none)
        for (int32_t row = from; row < from + count && row < block.count; row += factor_rows)
            vnni_make_factors(&job->epilogue, job->p, job->rows, block.first + row, job->factors,
                              NULL);
    if (before == NULL || from >= before->count) return;
    int32_t left = before->count - from;
    vnni_finish(&job->epilogue, job->p, job->rows,
                (vnni_finished){job->sums + from * panel_outputs, job->factors,
                                before->first + from, left < count ? left : count,
                                before->panel});
}

enum { sums_stride = panel_outputs * sizeof(int32_t) };

#define AMX_STORE(tile, sums, row, half)                                                          \
    _tile_stored(tile, (sums) + (row) * panel_outputs + (half) * (panel_outputs / 2), sums_stride)

static void amx_store_sums(int32_t *sums) {
    AMX_STORE(AMX_SUMS_00, sums, 0, 0);
    AMX_STORE(AMX_SUMS_01, sums, 0, 1);
    AMX_STORE(AMX_SUMS_10, sums, amx_tile_rows, 0);
    AMX_STORE(AMX_SUMS_11, sums, amx_tile_rows, 1);
}

/// The first step of a block: each tile of sums is stored, if the block before left any, right
/// before it is zeroed, so that the first products need not wait for the last of that block.
EGG_INLINE void amx_first_step(const int8_t *x, ptrdiff_t stride, const uint8_t *weights,
                               int32_t *sums, int store) {
    _tile_loadd(AMX_ROWS_0, x, stride);
    _tile_loadd(AMX_WEIGHTS_0, weights, amx_tile_bytes);
    if (store) AMX_STORE(AMX_SUMS_00, sums, 0, 0);
    _tile_zero(AMX_SUMS_00);
    _tile_dpbssd(AMX_SUMS_00, AMX_ROWS_0, AMX_WEIGHTS_0);
    _tile_loadd(AMX_WEIGHTS_1, weights + amx_tile_size, amx_tile_bytes);
    if (store) AMX_STORE(AMX_SUMS_01, sums, 0, 1);
    _tile_zero(AMX_SUMS_01);
    _tile_dpbssd(AMX_SUMS_01, AMX_ROWS_0, AMX_WEIGHTS_1);
    _tile_loadd(AMX_ROWS_1, x + amx_tile_rows * stride, stride);
    if (store) AMX_STORE(AMX_SUMS_10, sums, amx_tile_rows, 0);
    _tile_zero(AMX_SUMS_10);
    _tile_dpbssd(AMX_SUMS_10, AMX_ROWS_1, AMX_WEIGHTS_0);
    if (store) AMX_STORE(AMX_SUMS_11, sums, amx_tile_rows, 1);
    _tile_zero(AMX_SUMS_11);
    _tile_dpbssd(AMX_SUMS_11, AMX_ROWS_1, AMX_WEIGHTS_1);
}

/// Leaves the sums of a block in the tiles, and the outputs of the block before in memory.
static void amx_multiply(const amx_job *job, amx_block block, const amx_block *before) {
    ptrdiff_t stride;
    const int8_t *x = amx_rows(job, block, &stride);
    const uint8_t *weights = (const uint8_t *)job->p->weights +
                             (ptrdiff_t)block.panel * job->steps * 2 * amx_tile_size;
    int32_t share = (amx_block_rows + job->steps - 1) / job->steps;
    share = (share + factor_rows - 1) / factor_rows * factor_rows;
    for (int32_t step = 0; step < job->steps; step++) {
        if (step > 0)
            amx_step(x, x + amx_tile_rows * stride, stride, weights);
        else if (before != NULL)
            amx_first_step(x, stride, weights, job->sums, 1);
        else
            amx_first_step(x, stride, weights, job->sums, 0);
        x += amx_tile_bytes;
        weights += 2 * amx_tile_size;
        if (step * share < amx_block_rows)
            amx_vector_work(job, block, before, step * share, share);
    }
}

void amx_product(const egg_product *p, egg_rows rows, void *scratch) {
    amx_prepare_thread();
    amx_job job = {.p = p, .rows = rows, .epilogue = vnni_make_epilogue(p, rows.count)};
    job.steps = amx_steps(p->inputs);
    job.sums = scratch;
    job.tail = (int8_t *)(job.sums + amx_block_rows * panel_outputs);
    job.factors = (int32_t *)(job.tail + (ptrdiff_t)amx_block_rows * egg_padded(p->inputs));
    amx_copy_tail(&job);
    amx_block before = {0};
    for (int32_t panel = 0; panel < vnni_panels(p->outputs); panel++)
        for (int32_t row = 0; row < rows.count; row += amx_block_rows) {
            int32_t left = rows.count - row;
            amx_block block = {row, left < amx_block_rows ? left : amx_block_rows, panel};
            amx_multiply(&job, block, before.count > 0 ? &before : NULL);
            before = block;
        }
    amx_store_sums(job.sums);
    vnni_finish(&job.epilogue, p, rows,
                (vnni_finished){job.sums, job.factors, before.first, before.count, before.panel});
}

EGG_TARGET_END
#endif
