/// Pooling over up to three spatial axes, channels last, and its gradients.
#pragma once

#include <stdint.h>

/// The windows along one axis: number i holds the elements starts[i], starts[i] + step, … below ends[i], at least one.
typedef struct {
    int64_t extent, count, step;
    const int64_t *starts, *ends;
    const float *shares; ///< what an average multiplies by along this axis
} espalier_pooling_axis;

/// x and values [samples, extents..., channels], windows [samples, counts..., channels], all contiguous. Signals with
/// fewer spatial axes have leading ones of extent one.
typedef struct {
    const float *x;      ///< where the maximum is looked for
    const float *values; ///< what is pooled or spread
    float *result;
    int64_t samples, channels;
    espalier_pooling_axis axes[3];
} espalier_pooling;

/// For each window the element of `values` at the place where that of `x` is largest: the first of equals, the first NaN.
void espalier_maximum_pool(const espalier_pooling *work, int threads);

/// Adds each window's element of `values` to the place where that of `x` is largest; zero elsewhere.
void espalier_maximum_pool_gradient(const espalier_pooling *work, int threads);

/// For each window the sum of its elements of `values`, times the product of the axes' shares.
void espalier_average_pool(const espalier_pooling *work, int threads);

/// Adds each window's element of `values`, times the product of the axes' shares, to all its places; zero elsewhere.
void espalier_average_pool_gradient(const espalier_pooling *work, int threads);
