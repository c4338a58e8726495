// The weight's gradient of a convolution for one level of vector instructions; see levels.h.

#include "register_tile.h"

/// Unrolled before anything else, so that sums become registers.
#define EACH_ROW _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)

/// The `count` columns of a panel at each place, with zeros for those that there are not.
static TARGET void LEVEL(pack_cotangents)(
    const float *y, int64_t stride, int64_t places, int64_t count, float *packed) {
    for (int64_t p = 0; p < places; p++, y += stride, packed += TILE_COLUMNS) {
        if (count == TILE_COLUMNS) {
            for (int j = 0; j < 2; j++) *(VECTOR *)(packed + j * LANES) = *(const VECTOR *)(y + j * LANES);
        } else {
            for (int64_t c = 0; c < TILE_COLUMNS; c++) packed[c] = c < count ? y[c] : 0;
        }
    }
}

/// sums[i] += sum over `lines` lines of `width` places of x(place, i) y(place), x and y one after the other.
INLINE void LEVEL(weights)(
    int rows, const float *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
    float *partial) {
    VECTOR sums[tile_rows][2];
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < 2; j++) sums[i][j] = *(const VECTOR *)(partial + i * TILE_COLUMNS + j * LANES);
    }
    for (int64_t line = 0; line < lines; line++) {
        const float *place = x + line * x_line;
#pragma clang loop unroll_count(4)
        for (int64_t p = 0; p < width; p++, place += x_step, y += TILE_COLUMNS) {
            VECTOR first = *(const VECTOR *)y, second = *(const VECTOR *)(y + LANES);
            EACH_ROW {
                VECTOR factor = place[i] - (VECTOR){};
                sums[i][0] += factor * first;
                sums[i][1] += factor * second;
            }
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < 2; j++) *(VECTOR *)(partial + i * TILE_COLUMNS + j * LANES) = sums[i][j];
    }
}

#define WEIGHTS_CASE(R) \
    case R: LEVEL(weights)(R, x, x_step, x_line, y, lines, width, partial); break;

static TARGET void LEVEL(add_weights)(
    int rows, const float *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
    float *partial) {
    switch (rows) {
        WEIGHTS_CASE(1) WEIGHTS_CASE(2) WEIGHTS_CASE(3) WEIGHTS_CASE(4) WEIGHTS_CASE(5) WEIGHTS_CASE(6)
    }
}

/// sums[i] += sum over the places of x[i](place, lane) y(place, lane), for all lanes of a panel.
INLINE void LEVEL(lane_weights)(
    int rows, const float *const *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
    float *partial) {
    VECTOR sums[tile_rows][2];
    EACH_ROW {
        for (int j = 0; j < 2; j++) sums[i][j] = *(const VECTOR *)(partial + i * TILE_COLUMNS + j * LANES);
    }
    for (int64_t line = 0; line < lines; line++) {
        for (int64_t p = 0; p < width; p++, y += TILE_COLUMNS) {
            int64_t place = line * x_line + p * x_step;
            VECTOR first = *(const VECTOR *)y, second = *(const VECTOR *)(y + LANES);
            EACH_ROW {
                sums[i][0] += *(const VECTOR *)(x[i] + place) * first;
                sums[i][1] += *(const VECTOR *)(x[i] + place + LANES) * second;
            }
        }
    }
    EACH_ROW {
        for (int j = 0; j < 2; j++) *(VECTOR *)(partial + i * TILE_COLUMNS + j * LANES) = sums[i][j];
    }
}

#define LANE_WEIGHTS_CASE(R) \
    case R: LEVEL(lane_weights)(R, x, x_step, x_line, y, lines, width, partial); break;

static TARGET void LEVEL(add_lanes)(
    int rows, const float *const *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
    float *partial) {
    switch (rows) {
        LANE_WEIGHTS_CASE(1) LANE_WEIGHTS_CASE(2) LANE_WEIGHTS_CASE(3) LANE_WEIGHTS_CASE(4) LANE_WEIGHTS_CASE(5)
        LANE_WEIGHTS_CASE(6)
    }
}

static const weights_level LEVEL(functions) = {
    TILE_COLUMNS, LEVEL(pack_cotangents), LEVEL(add_weights), LEVEL(add_lanes)};

#undef EACH_ROW
#undef WEIGHTS_CASE
#undef LANE_WEIGHTS_CASE
#include "register_tile_end.h"
