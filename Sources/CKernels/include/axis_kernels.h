/// Kernels along one axis of x [outer, extent, inner]. `threads` is how many may take part.
#pragma once

#include <stdint.h>

/// y[o, i, j] = x[o, 0, j] + ... + x[o, i, j], or from the end if `reversed`; summed in double precision.
void espalier_cumulative_sum(
    const float *x, float *y, int64_t outer, int64_t extent, int64_t inner, int reversed, int threads);

/// y[o, i, j] = x[o, indices[o, i, j], j] with `count` indices a line. Returns the first position of an index that is
/// not in 0..<extent, else -1.
int64_t espalier_take_along_axis(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads);

/// y[o, indices[o, i, j], j] += x[o, i, j], from zero, in the order of i; x has `count` elements a line. Returns as
/// `espalier_take_along_axis` does.
int64_t espalier_add_along_axis(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads);

/// y[row] = where the first `count` elements in order stand in x[row] of `width`. Equal elements keep their order; a
/// NaN is larger than any number.
void espalier_argument_sort(
    const float *x, int32_t *y, int64_t rows, int64_t width, int64_t count, int descending, int threads);
