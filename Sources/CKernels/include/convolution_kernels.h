/// Convolution over up to three spatial axes, channels last, and its two gradients.
///
/// The bits are the same for any number of threads.
#pragma once

#include <stdint.h>

/// The tensors of a convolution and how they belong together. Signals with fewer spatial axes have leading ones of
/// extent one. x [samples, input..., groups * inputs] and y [samples, output..., groups * outputs] are contiguous; the
/// weight [groups * outputs, kernel..., inputs] lies by its strides when it is read, contiguous when it is written.
typedef struct {
    float *x, *weight, *y;
    /// One value an output channel, or null; forward only, as the ReLU.
    const float *bias;
    int32_t relu;
    int64_t samples, groups;
    int64_t inputs, outputs; ///< channels of a group
    int64_t input[3], output[3], kernel[3];
    int64_t stride[3], before[3], dilation[3];
    int64_t weight_strides[5]; ///< output channel, kernel axes, input channel
} espalier_convolution;

typedef enum { espalier_convolution_output, espalier_convolution_input, espalier_convolution_weight } espalier_convolution_result;

/// Elements of scratch memory that computing `result` on `threads` threads needs.
int64_t espalier_convolution_scratch(const espalier_convolution *work, espalier_convolution_result result, int threads);

/// y[n, p, o] = ReLU?(sum_{k, c} x[n, p stride - before + k dilation, c] weight[o, k, c] + bias[o]?).
void espalier_convolution_forward(const espalier_convolution *work, float *scratch, int threads);

/// x[n, p stride - before + k dilation, c] = sum over o, and all p and k that lead there, of y[n, p, o] weight[o, k, c].
void espalier_convolution_input_gradient(const espalier_convolution *work, float *scratch, int threads);

/// weight[o, k, c] = sum_{n, p} x[n, p stride - before + k dilation, c] y[n, p, o].
void espalier_convolution_weight_gradient(const espalier_convolution *work, float *scratch, int threads);
