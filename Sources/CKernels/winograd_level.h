// Winograd's transforms and products for one level of vector instructions; see levels.h and winograd.c.

#include "register_tile.h"

/// Unrolled before anything else, so that values become registers.
#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

/// B^T d, along one axis.
INLINE void LEVEL(input_axis)(const VECTOR d[6], VECTOR v[6]) {
    VECTOR even = d[4] - far * d[2], odd = d[3] - far * d[1];
    VECTOR even_far = d[4] - near * d[2], odd_far = d[3] - near * d[1];
    v[0] = (d[0] + d[4]) - both * d[2];
    v[1] = even + root_near * odd;
    v[2] = even - root_near * odd;
    v[3] = even_far + root_far * odd_far;
    v[4] = even_far - root_far * odd_far;
    v[5] = (d[1] + d[5]) - both * d[3];
}

/// A^T m, along one axis.
INLINE void LEVEL(output_axis)(const VECTOR m[6], VECTOR y[4]) {
    VECTOR sum = m[1] + m[2], difference = m[1] - m[2], sum_far = m[3] + m[4], difference_far = m[3] - m[4];
    y[0] = m[0] + sum + sum_far;
    y[1] = root_near * difference + root_far * difference_far;
    y[2] = near * sum + far * sum_far;
    y[3] = (near * root_near) * difference + (far * root_far) * difference_far + m[5];
}

/// A y, along one axis.
INLINE void LEVEL(cotangent_axis)(const VECTOR y[4], VECTOR z[6]) {
    VECTOR even = y[0] + near * y[2], odd = root_near * (y[1] + near * y[3]);
    VECTOR even_far = y[0] + far * y[2], odd_far = root_far * (y[1] + far * y[3]);
    z[0] = y[0];
    z[1] = even + odd;
    z[2] = even - odd;
    z[3] = even_far + odd_far;
    z[4] = even_far - odd_far;
    z[5] = y[3];
}

/// G g, along one axis.
INLINE void LEVEL(weight_axis)(const VECTOR g[3], VECTOR u[6]) {
    VECTOR even = scale_near * (g[0] + near * g[2]), odd = (scale_near * root_near) * g[1];
    VECTOR even_far = scale_far * (g[0] + far * g[2]), odd_far = (scale_far * root_far) * g[1];
    u[0] = g[0];
    u[1] = even + odd;
    u[2] = even - odd;
    u[3] = even_far + odd_far;
    u[4] = even_far - odd_far;
    u[5] = g[2];
}

/// G^T u, along one axis.
INLINE void LEVEL(weight_gradient_axis)(const VECTOR u[6], VECTOR g[3]) {
    VECTOR sum = scale_near * (u[1] + u[2]), sum_far = scale_far * (u[3] + u[4]);
    g[0] = u[0] + sum + sum_far;
    g[1] = (scale_near * root_near) * (u[1] - u[2]) + (scale_far * root_far) * (u[3] - u[4]);
    g[2] = near * sum + far * sum_far + u[5];
}

/// The square [from, from] of values, transformed along both axes to [to, to]; one after the other in `result`.
#define SQUARE(name, axis, from, to)                                            \
    INLINE void LEVEL(name)(const VECTOR *value, VECTOR *result) {              \
        VECTOR half[to][from];                                                  \
        EACH(column, from) {                                                    \
            VECTOR line[from], changed[to];                                     \
            EACH(row, from) line[row] = value[row * from + column];             \
            LEVEL(axis)(line, changed);                                         \
            EACH(row, to) half[row][column] = changed[row];                     \
        }                                                                       \
        EACH(row, to) LEVEL(axis)(half[row], result + row * to);                \
    }

SQUARE(input_square, input_axis, 6, 6)
SQUARE(output_square, output_axis, 6, 4)
SQUARE(cotangent_square, cotangent_axis, 4, 6)
SQUARE(weight_square, weight_axis, 3, 6)
SQUARE(weight_gradient_square, weight_gradient_axis, 6, 3)

/// B^T d B of the 6 x 6 places of a tile: to v, `slab` elements from one point to the next.
static TARGET void LEVEL(transform_input)(const float *const *places, int64_t channels, float *v, int64_t slab) {
    for (int64_t c = 0; c < channels; c += LANES) {
        VECTOR d[points], result[points];
        EACH(i, points) d[i] = *(const VECTOR *)(places[i] + c);
        LEVEL(input_square)(d, result);
        EACH(i, points) *(VECTOR *)(v + i * slab + c) = result[i];
    }
}

/// A^T m A of a tile, to the places of the result that there are.
static TARGET void LEVEL(transform_output)(
    const float *m, int64_t slab, int64_t channels, float *const *places, const float *bias, int relu) {
    for (int64_t c = 0; c < channels; c += LANES) {
        VECTOR values[points], result[tile_places];
        EACH(i, points) values[i] = *(const VECTOR *)(m + i * slab + c);
        LEVEL(output_square)(values, result);
        VECTOR shift = bias ? *(const VECTOR *)(bias + c) : (VECTOR){};
        EACH(i, tile_places) {
            VECTOR y = result[i] + shift;
            // Not a number stays so.
            if (relu) y = (VECTOR)((MASK)y & ~(y < (VECTOR){}));
            if (places[i]) *(VECTOR *)(places[i] + c) = y;
        }
    }
}

/// A y A^T of the 4 x 4 places of a tile: to z, `slab` elements from one point to the next.
static TARGET void LEVEL(transform_cotangent)(const float *const *places, int64_t channels, float *z, int64_t slab) {
    for (int64_t c = 0; c < channels; c += LANES) {
        VECTOR y[tile_places], result[points];
        EACH(i, tile_places) y[i] = *(const VECTOR *)(places[i] + c);
        LEVEL(cotangent_square)(y, result);
        EACH(i, points) *(VECTOR *)(z + i * slab + c) = result[i];
    }
}

/// G g G^T for the channels of a panel that there are: to u, `slab` elements from one point to the next.
static TARGET void LEVEL(transform_weights)(
    const float *weight, int64_t output_stride, int64_t row_stride, int64_t place_stride, int64_t outputs, float *u,
    int64_t slab) {
    for (int64_t o = 0; o < TILE_COLUMNS; o += LANES) {
        VECTOR g[9], result[points];
        for (int i = 0; i < 9; i++) {
            const float *tap = weight + i / 3 * row_stride + i % 3 * place_stride;
            for (int64_t lane = 0; lane < LANES; lane++) {
                g[i][lane] = o + lane < outputs ? tap[(o + lane) * output_stride] : 0;
            }
        }
        LEVEL(weight_square)(g, result);
        EACH(i, points) *(VECTOR *)(u + i * slab + o) = result[i];
    }
}

/// G^T u G for the channels of a panel that there are; the weight's outputs are `stride` elements apart.
static TARGET void LEVEL(transform_sums)(
    const float *u, int64_t slab, int64_t outputs, float *weight, int64_t stride, int64_t place_stride) {
    for (int64_t o = 0; o < outputs; o += LANES) {
        VECTOR sums[points], g[9];
        EACH(i, points) sums[i] = *(const VECTOR *)(u + i * slab + o);
        LEVEL(weight_gradient_square)(sums, g);
        for (int64_t lane = 0; lane < LANES && o + lane < outputs; lane++) {
            for (int i = 0; i < 9; i++) weight[(o + lane) * stride + i * place_stride] = g[i][lane];
        }
    }
}

/// m[t] = sum over c of v[t][c] panel(c), for `rows` tiles.
INLINE void LEVEL(tile_product)(int rows, const float *v, int64_t depth, const float *panel, float *m, int64_t stride) {
    VECTOR sums[tile_rows][2];
    EACH(i, rows) sums[i][0] = sums[i][1] = (VECTOR){};
#pragma clang loop unroll_count(4)
    for (int64_t c = 0; c < depth; c++, panel += TILE_COLUMNS) {
        VECTOR first = *(const VECTOR *)panel, second = *(const VECTOR *)(panel + LANES);
        EACH(i, rows) {
            VECTOR x = v[i * depth + c] - (VECTOR){};
            sums[i][0] += x * first;
            sums[i][1] += x * second;
        }
    }
    EACH(i, rows) {
        for (int j = 0; j < 2; j++) *(VECTOR *)(m + i * stride + j * LANES) = sums[i][j];
    }
}

#define PRODUCT_CASE(R) \
    case R: LEVEL(tile_product)(R, v, depth, panel, m, stride); break;

/// The product of `tiles` rows of v by a panel.
static TARGET void LEVEL(multiply)(
    int64_t tiles, const float *v, int64_t depth, const float *panel, float *m, int64_t stride) {
    for (; tiles >= tile_rows; tiles -= tile_rows, v += tile_rows * depth, m += tile_rows * stride) {
        LEVEL(tile_product)(tile_rows, v, depth, panel, m, stride);
    }
    switch (tiles) { PRODUCT_CASE(1) PRODUCT_CASE(2) PRODUCT_CASE(3) PRODUCT_CASE(4) PRODUCT_CASE(5) }
}

/// sums[c] += sum over the tiles t of v[t][c] z[t], for `rows` channels.
INLINE void LEVEL(sum_product)(
    int rows, int64_t tiles, const float *v, int64_t v_step, const float *z, int64_t z_step, float *sums) {
    VECTOR totals[tile_rows][2];
    EACH(i, rows) {
        for (int j = 0; j < 2; j++) totals[i][j] = *(const VECTOR *)(sums + i * TILE_COLUMNS + j * LANES);
    }
#pragma clang loop unroll_count(4)
    for (int64_t t = 0; t < tiles; t++, v += v_step, z += z_step) {
        VECTOR first = *(const VECTOR *)z, second = *(const VECTOR *)(z + LANES);
        EACH(i, rows) {
            VECTOR x = v[i] - (VECTOR){};
            totals[i][0] += x * first;
            totals[i][1] += x * second;
        }
    }
    EACH(i, rows) {
        for (int j = 0; j < 2; j++) *(VECTOR *)(sums + i * TILE_COLUMNS + j * LANES) = totals[i][j];
    }
}

#define SUM_CASE(R) \
    case R: LEVEL(sum_product)(R, tiles, v, v_step, z, z_step, sums); break;

/// Adds the products of v's columns with z to the sums [depth, columns].
static TARGET void LEVEL(accumulate)(
    int64_t tiles, const float *v, int64_t v_step, int64_t depth, const float *z, int64_t z_step, float *sums) {
    for (; depth >= tile_rows; depth -= tile_rows, v += tile_rows, sums += tile_rows * TILE_COLUMNS) {
        LEVEL(sum_product)(tile_rows, tiles, v, v_step, z, z_step, sums);
    }
    switch (depth) { SUM_CASE(1) SUM_CASE(2) SUM_CASE(3) SUM_CASE(4) SUM_CASE(5) }
}

static const winograd_level LEVEL(functions) = {
    TILE_COLUMNS, LEVEL(transform_input), LEVEL(transform_output), LEVEL(transform_cotangent), LEVEL(transform_weights),
    LEVEL(transform_sums), LEVEL(multiply), LEVEL(accumulate)};

#undef EACH
#undef SQUARE
#undef PRODUCT_CASE
#undef SUM_CASE
#include "register_tile_end.h"
