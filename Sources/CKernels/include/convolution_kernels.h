/// Convolution over up to three spatial axes, channels last, and its two gradients.
#pragma once

#include <stdint.h>

/// The tensors of a convolution and how they belong together. Signals with fewer spatial axes have leading ones of
/// extent one. x [samples, input..., groups * inputs] and y [samples, output..., groups * outputs] are contiguous; the
/// weight [groups * outputs, kernel..., inputs] lies by its strides when it is read, contiguous when it is written.
typedef struct {
    float *x, *weight, *y;
    int64_t samples, groups;
    int64_t inputs, outputs; ///< channels of a group
    int64_t input[3], output[3], kernel[3];
    int64_t stride[3], before[3], dilation[3];
    int64_t weight_strides[5]; ///< output channel, kernel axes, input channel
} espalier_convolution;

/// y[n, p, o] = sum_{k, c} x[n, p stride - before + k dilation, c] weight[o, k, c].
void espalier_convolution_forward(const espalier_convolution *work, int threads);

/// x[n, p stride - before + k dilation, c] = sum over o, and all p and k that lead there, of y[n, p, o] weight[o, k, c].
void espalier_convolution_input_gradient(const espalier_convolution *work, int threads);

/// weight[o, k, c] = sum_{n, p} x[n, p stride - before + k dilation, c] y[n, p, o].
void espalier_convolution_weight_gradient(const espalier_convolution *work, int threads);
