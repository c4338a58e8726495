/// Kernels along the last axis, and those that follow indices. `threads` is how many may take part.
#pragma once

#include <stdint.h>

/// exp(x) / sum(exp(x)) for each of `rows` rows of `width`.
void espalier_softmax(const float *x, float *y, int64_t rows, int64_t width, int threads);

/// x - log(sum(exp(x))) for each of `rows` rows of `width`.
void espalier_log_softmax(const float *x, float *y, int64_t rows, int64_t width, int threads);

/// log(sum(exp(x))) - x[label] for each row. Returns the first row whose label is not in 0..<width, else -1.
int64_t espalier_cross_entropy(
    const float *x, const int32_t *labels, float *losses, int64_t rows, int64_t width, int threads);

/// The index of the first largest element of each row; of the first NaN, if there is one.
void espalier_argument_maximum(const float *x, int32_t *y, int64_t rows, int64_t width, int threads);

/// y[o, i, :] = x[o, indices[i], :] with x [outer, extent, inner]. Returns the first position of an index that is
/// not in 0..<extent, else -1.
int64_t espalier_gather(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads);

/// y[o, indices[i], :] += x[o, i, :], from zero, with y [outer, extent, inner]. Returns as `espalier_gather` does.
int64_t espalier_scatter_add(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads);
