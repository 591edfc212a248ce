#include "loss_tables.h"

#include <string.h>

void fill_loss_tables(egg_loss_tables *tables, int32_t fraction_bits) {
    // ⌊2^19·2^(r/16)⌋ and ⌈2^31·2^(j/16)⌉.
    static const int32_t mantissas[16] = {
        524288, 547500, 571740, 597053, 623487, 651091, 679917, 710019, 741455, 774282, 808562,
        844360, 881743, 920781, 961548, 1004119,
    };
    static const uint32_t thresholds[16] = {
        2147483648, 2242560872, 2341847524, 2445529972, 2553802834, 2666869345, 2784941738,
        2908241643, 3037000500, 3171460000, 3311872530, 3458501654, 3611622603, 3771522797,
        3938502376, 4112874774,
    };
    memset(tables, 0, sizeof *tables);
    memcpy(tables->mantissas, mantissas, sizeof mantissas);
    memcpy(tables->log2_thresholds, thresholds, sizeof thresholds);
    for (int32_t i = 0; i < 4096; i++) tables->fine_log2[i] = (uint16_t)i;
    tables->fraction_bits = fraction_bits;
}
