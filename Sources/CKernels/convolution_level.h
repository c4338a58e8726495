// Convolution for one level of vector instructions; see levels.h.

#include "register_tile.h"

/// Unrolled before anything else, so that sums become registers.
#define EACH_ROW _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)

/// sums[i] = sum over the taps t and c of a[i][offset(t) + c] panel(t, c).
INLINE void LEVEL(taps)(const tap_grid *grid, int rows, const float *const *a, const float *panel, VECTOR sums[][2]) {
    EACH_ROW sums[i][0] = sums[i][1] = (VECTOR){};
    for (int64_t t0 = 0; t0 < grid->runs[0]; t0++) {
        for (int64_t t1 = 0; t1 < grid->runs[1]; t1++) {
            for (int64_t t2 = 0; t2 < grid->runs[2]; t2++) {
                int64_t offset = t0 * grid->run_steps[0] + t1 * grid->run_steps[1] + t2 * grid->run_steps[2];
                const float *places[tile_rows];
                EACH_ROW places[i] = a[i] + offset;
#pragma clang loop unroll_count(4)
                for (int64_t c = 0; c < grid->run_length; c++, panel += TILE_COLUMNS) {
                    VECTOR first = *(const VECTOR *)panel, second = *(const VECTOR *)(panel + LANES);
                    EACH_ROW {
                        VECTOR x = places[i][c] - (VECTOR){};
                        sums[i][0] += x * first;
                        sums[i][1] += x * second;
                    }
                }
            }
        }
    }
}

INLINE void LEVEL(put_rows)(const tile_sink *sink, int rows, float *const *c, VECTOR sums[][2]) {
    EACH_ROW LEVEL(put_row)(sink, c[i], sums[i]);
}

#define TAPS_CASE(R)                                             \
    case R: {                                                    \
        VECTOR sums[R][2];                                       \
        LEVEL(taps)(grid, R, a, panel, sums);                    \
        LEVEL(put_rows)(sink, R, c, sums);                       \
        break;                                                   \
    }

/// One register tile: `rows` places of the result by the columns of a panel.
static TARGET void LEVEL(convolve)(
    const tap_grid *grid, int rows, const float *const *a, const float *panel, float *const *c, const tile_sink *sink) {
    switch (rows) { TAPS_CASE(1) TAPS_CASE(2) TAPS_CASE(3) TAPS_CASE(4) TAPS_CASE(5) TAPS_CASE(6) }
}

/// sums[i] = sum over the taps t of a[i][offset(t) + lane] panel(t, lane), for all lanes of a panel.
INLINE void LEVEL(lanes)(const tap_grid *grid, int rows, const float *const *a, const float *panel, VECTOR sums[][2]) {
    EACH_ROW sums[i][0] = sums[i][1] = (VECTOR){};
    for (int64_t t0 = 0; t0 < grid->runs[0]; t0++) {
        for (int64_t t1 = 0; t1 < grid->runs[1]; t1++) {
            for (int64_t t2 = 0; t2 < grid->runs[2]; t2++, panel += TILE_COLUMNS) {
                int64_t offset = t0 * grid->run_steps[0] + t1 * grid->run_steps[1] + t2 * grid->run_steps[2];
                VECTOR first = *(const VECTOR *)panel, second = *(const VECTOR *)(panel + LANES);
                EACH_ROW {
                    sums[i][0] += *(const VECTOR *)(a[i] + offset) * first;
                    sums[i][1] += *(const VECTOR *)(a[i] + offset + LANES) * second;
                }
            }
        }
    }
}

#define LANES_CASE(R)                                            \
    case R: {                                                    \
        VECTOR sums[R][2];                                       \
        LEVEL(lanes)(grid, R, a, panel, sums);                   \
        LEVEL(put_rows)(sink, R, c, sums);                       \
        break;                                                   \
    }

/// One register tile of a depthwise convolution: `rows` places of the result by the lanes of a panel.
static TARGET void LEVEL(convolve_lanes)(
    const tap_grid *grid, int rows, const float *const *a, const float *panel, float *const *c, const tile_sink *sink) {
    switch (rows) { LANES_CASE(1) LANES_CASE(2) LANES_CASE(3) LANES_CASE(4) LANES_CASE(5) LANES_CASE(6) }
}

static const convolution_level LEVEL(functions) = {TILE_COLUMNS, LEVEL(convolve), LEVEL(convolve_lanes)};

#undef EACH_ROW
#undef TAPS_CASE
#undef LANES_CASE
#include "register_tile_end.h"
