/// Winograd's algorithm for convolutions of 3 x 3; see winograd.c.
#pragma once

#include <stdbool.h>

#include "convolution_kernels.h"

/// Whether the algorithm is for such a convolution, and `result` large enough to be faster by it.
bool winograd_suits(const espalier_convolution *work, espalier_convolution_result result);

int64_t winograd_scratch(const espalier_convolution *work, espalier_convolution_result result, int threads);

void winograd_forward(const espalier_convolution *work, float *scratch, int members);
void winograd_input_gradient(const espalier_convolution *work, float *scratch, int members);
void winograd_weight_gradient(const espalier_convolution *work, float *scratch, int members);
