// The matrix product for one level of vector instructions; see levels.h.

#include "register_tile.h"

/// sums[i] = sum over p < k of a(i, p) b(p), where a(i, p) is `a[i][p]`, or `packed[p * tile_rows + i]`.
INLINE void LEVEL(tile)(
    int rows, int64_t k, const float *const *a, const float *packed, const float *b, int64_t b_row, VECTOR sums[][2]) {
    for (int i = 0; i < rows; i++) sums[i][0] = sums[i][1] = (VECTOR){};
#pragma clang loop unroll_count(4)
    for (int64_t p = 0; p < k; p++) {
        VECTOR first = *(const VECTOR *)(b + p * b_row), second = *(const VECTOR *)(b + p * b_row + LANES);
        for (int i = 0; i < rows; i++) {
            VECTOR x = (packed ? packed[p * tile_rows + i] : a[i][p]) - (VECTOR){};
            sums[i][0] += x * first;
            sums[i][1] += x * second;
        }
    }
}

#define TILE_CASE(R)                                             \
    case R: {                                                    \
        VECTOR sums[R][2];                                       \
        LEVEL(tile)(R, k, a, 0, b, b_row, sums);                 \
        for (int i = 0; i < R; i++) LEVEL(put_row)(sink, c + i * c_row, sums[i]); \
        break;                                                   \
    }
#define PACKED_TILE_CASE(R)                                      \
    case R: {                                                    \
        VECTOR sums[R][2];                                       \
        LEVEL(tile)(R, k, 0, a, b, b_row, sums);                 \
        for (int i = 0; i < R; i++) LEVEL(put_row)(sink, c + i * c_row, sums[i]); \
        break;                                                   \
    }
#define ALL_CASES(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)

static TARGET void LEVEL(tile_of_rows)(
    int64_t rows, int64_t k, const float *const *a, const float *b, int64_t b_row, float *c, int64_t c_row,
    const tile_sink *sink) {
    switch (rows) { ALL_CASES(TILE_CASE) }
}

static TARGET void LEVEL(tile_of_packed)(
    int64_t rows, int64_t k, const float *a, const float *b, int64_t b_row, float *c, int64_t c_row,
    const tile_sink *sink) {
    switch (rows) { ALL_CASES(PACKED_TILE_CASE) }
}

/// Panels of tile_rows rows, one after the other: panel[p * tile_rows + i] = a(i, p), zero below the last row.
static TARGET void LEVEL(pack_first)(
    const float *a, int64_t row, int64_t column, int64_t rows, int64_t k, float *packed) {
    int64_t whole = row == 1 ? rows / tile_rows * tile_rows : 0;
    // Along the rows of all panels at once: a line of memory is touched once.
    for (int64_t p = 0; p < k && whole > 0; p++) {
        for (int64_t i = 0; i < whole; i += tile_rows) {
            memcpy(packed + i * k + p * tile_rows, a + p * column + i, tile_rows * sizeof(float));
        }
    }
    for (int64_t i = whole; i < rows; i += tile_rows) {
        for (int64_t p = 0; p < k; p++) {
            for (int64_t r = 0; r < tile_rows; r++) {
                packed[i * k + p * tile_rows + r] = i + r < rows ? a[(i + r) * row + p * column] : 0;
            }
        }
    }
}

typedef float LEVEL(eight) __attribute__((vector_size(32), aligned(4), may_alias));
#define EIGHT LEVEL(eight)
#define SHUFFLE __builtin_shufflevector

/// Eight adjacent elements from each of eight places, `stride` apart, to columns of a panel.
INLINE void LEVEL(transpose_eight)(const float *source, int64_t stride, float *target) {
    EIGHT r[8], s[8];
    for (int i = 0; i < 8; i++) r[i] = *(const EIGHT *)(source + i * stride);
    for (int i = 0; i < 8; i += 2) {
        s[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        s[i + 1] = SHUFFLE(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = SHUFFLE(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + 1] = SHUFFLE(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        r[i + 2] = SHUFFLE(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + 3] = SHUFFLE(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (int i = 0; i < 4; i++) {
        *(EIGHT *)(target + i * TILE_COLUMNS) = SHUFFLE(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(EIGHT *)(target + (i + 4) * TILE_COLUMNS) = SHUFFLE(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/// packed[p * TILE_COLUMNS + j] = b(p, j), zero where j is not below `columns`.
static TARGET void LEVEL(pack_panel)(
    const float *b, int64_t row, int64_t column, int64_t k, int64_t columns, float *packed) {
    if (column == 1 && columns == TILE_COLUMNS) {
        for (int64_t p = 0; p < k; p++) {
            for (int j = 0; j < 2; j++) {
                *(VECTOR *)(packed + p * TILE_COLUMNS + j * LANES) = *(const VECTOR *)(b + p * row + j * LANES);
            }
        }
        return;
    }
    int64_t p = 0;
    if (row == 1 && columns == TILE_COLUMNS) {
        for (; p + 8 <= k; p += 8) {
            for (int j = 0; j < TILE_COLUMNS; j += 8) {
                LEVEL(transpose_eight)(b + j * column + p, column, packed + p * TILE_COLUMNS + j);
            }
        }
    }
    for (; p < k; p++) {
        for (int64_t j = 0; j < TILE_COLUMNS; j++) {
            packed[p * TILE_COLUMNS + j] = j < columns ? b[p * row + j * column] : 0;
        }
    }
}

/// Rows [row_begin, row_end) and panels [panel_begin, panel_end) of one product of the batch.
///
/// `packed_a`: panels of rows for the whole of k, or null where A's columns are adjacent. `packed_b`: as
/// `espalier_pack_second` leaves it, or null. `panel`: room for one panel.
static TARGET void LEVEL(block)(
    const espalier_product *x, const float *a, const float *b, float *c, const float *packed_a, const float *packed_b,
    int64_t row_begin, int64_t row_end, int64_t panel_begin, int64_t panel_end, float *panel) {
    int64_t panels = (x->n + TILE_COLUMNS - 1) / TILE_COLUMNS;
    for (int64_t p = 0; p < x->k; p += tile_depth) {
        int64_t depth = x->k - p < tile_depth ? x->k - p : tile_depth;
        int is_last = p + depth == x->k;
        for (int64_t j = panel_begin; j < panel_end; j++) {
            int64_t column = j * TILE_COLUMNS;
            int64_t columns = x->n - column < TILE_COLUMNS ? x->n - column : TILE_COLUMNS;
            const float *tile_b = panel;
            if (packed_b) {
                tile_b = packed_b + (p * panels + j * depth) * TILE_COLUMNS;
            } else {
                LEVEL(pack_panel)(
                    b + p * x->b_row + column * x->b_column, x->b_row, x->b_column, depth, columns, panel);
            }
            tile_sink sink = {
                is_last && x->bias ? x->bias + column : 0, p > 0 || x->accumulate, is_last && x->relu, columns};
            for (int64_t i = row_begin; i < row_end; i += tile_rows) {
                int64_t rows = row_end - i < tile_rows ? row_end - i : tile_rows;
                float *tile_c = c + i * x->c_row + column;
                if (packed_a) {
                    LEVEL(tile_of_packed)(rows, depth, packed_a + i * x->k + p * tile_rows, tile_b, TILE_COLUMNS, tile_c, x->c_row, &sink);
                } else {
                    const float *pointers[tile_rows];
                    for (int64_t r = 0; r < tile_rows; r++) pointers[r] = a + (i + (r < rows ? r : 0)) * x->a_row + p;
                    LEVEL(tile_of_rows)(rows, depth, pointers, tile_b, TILE_COLUMNS, tile_c, x->c_row, &sink);
                }
            }
        }
    }
}

/// The sums over k of few rows of A with `columns` (at most 4) columns of B, where both lie along k.
INLINE void LEVEL(dots_of_rows)(const espalier_product *x, int rows, const float *a, const float *b, int columns, float sums[][4]) {
    VECTOR parts[4][4];
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) parts[i][j] = (VECTOR){};
    }
    int64_t p = 0;
    for (; p + LANES <= x->k; p += LANES) {
        VECTOR values[4];
        for (int j = 0; j < columns; j++) values[j] = *(const VECTOR *)(b + j * x->b_column + p);
        for (int i = 0; i < rows; i++) {
            VECTOR factor = *(const VECTOR *)(a + i * x->a_row + p);
            for (int j = 0; j < columns; j++) parts[i][j] += factor * values[j];
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
            float sum = 0;
            for (int l = 0; l < LANES; l++) sum += parts[i][j][l];
            for (int64_t q = p; q < x->k; q++) sum += a[i * x->a_row + q] * b[j * x->b_column + q];
            sums[i][j] = sum;
        }
    }
}

#define DOTS_CASE(R)                                                         \
    case R:                                                                  \
        if (columns == 4) {                                                  \
            LEVEL(dots_of_rows)(x, R, a, b + j * x->b_column, 4, sums);      \
        } else {                                                             \
            for (int r = 0; r < columns; r++) {                              \
                LEVEL(dots_of_rows)(x, R, a, b + (j + r) * x->b_column, 1, single); \
                for (int i = 0; i < R; i++) sums[i][r] = single[i][0];       \
            }                                                                \
        }                                                                    \
        break;

/// Columns [begin, end) of a product of at most 4 rows, A's and B's elements adjacent along k: memory decides.
static TARGET void LEVEL(dots)(
    const espalier_product *x, const float *a, const float *b, float *c, int64_t begin, int64_t end) {
    float sums[4][4], single[4][4];
    for (int64_t j = begin; j < end; j += 4) {
        int columns = end - j < 4 ? (int)(end - j) : 4;
        switch (x->m) { DOTS_CASE(1) DOTS_CASE(2) DOTS_CASE(3) DOTS_CASE(4) }
        for (int64_t i = 0; i < x->m; i++) {
            for (int r = 0; r < columns; r++) {
                float *result = c + i * x->c_row + j + r;
                float sum = (x->accumulate ? *result : 0) + sums[i][r] + (x->bias ? x->bias[j + r] : 0);
                *result = x->relu && sum < 0 ? 0 : sum;
            }
        }
    }
}

static const product_level LEVEL(functions) = {
    TILE_COLUMNS, LEVEL(pack_first), LEVEL(pack_panel), LEVEL(block), LEVEL(dots)};

#undef TILE_CASE
#undef PACKED_TILE_CASE
#undef ALL_CASES
#undef EIGHT
#undef SHUFFLE
#undef DOTS_CASE
#include "register_tile_end.h"
