/// Elementary functions and random words over arrays. Accuracy and special cases: `vector_math.h`.
#pragma once

#include <stdint.h>

/// output[i] = exp(input[i]) for i < count.
void espalier_vm_exp(const float *input, float *output, long count);

/// output[i] = exp(input[i]) - 1 for i < count.
void espalier_vm_expm1(const float *input, float *output, long count);

/// output[i] = ln(input[i]) for i < count.
void espalier_vm_log(const float *input, float *output, long count);

/// output[i] = ln(1 + input[i]) for i < count.
void espalier_vm_log1p(const float *input, float *output, long count);

/// output[i] = tanh(input[i]) for i < count.
void espalier_vm_tanh(const float *input, float *output, long count);

/// output[i] = 1 / (1 + exp(-input[i])) for i < count.
void espalier_vm_sigmoid(const float *input, float *output, long count);

/// output[i] = erf(input[i]) for i < count.
void espalier_vm_erf(const float *input, float *output, long count);

/// output[i] = sin(input[i]) for i < count.
void espalier_vm_sin(const float *input, float *output, long count);

/// output[i] = cos(input[i]) for i < count.
void espalier_vm_cos(const float *input, float *output, long count);

/// output[i] = base[i] to the power exponent[i] for i < count.
void espalier_vm_pow(const float *base, const float *exponent, float *output, long count);

/// output[i] = word number `start + i` of the Philox 4x32-10 stream `stream` under the key, for i < count.
void espalier_philox_words(
    uint32_t *output, long start, long count, uint32_t stream, uint32_t key0, uint32_t key1);

/// output[i] = word number `start + i` as a number in [0, 1), for i < count.
void espalier_philox_uniform(float *output, long start, long count, uint32_t stream, uint32_t key0, uint32_t key1);
