/// Scaled dot-product attention and its gradient. Memory beside the operands grows with the sequence, not its square.
#pragma once

#include <stdint.h>

/// Vectors of heads in memory: element d of head h at step t of sample b is address[b batch + t step + h head + d].
typedef struct {
    float *address;
    int64_t batch, step, head;
} espalier_heads;

/// Softmax(scale Q K^T + mask) V for every sample and head, or its gradient; every address is set.
typedef struct {
    int64_t batches, heads, queries, keys;
    int64_t width;       ///< of queries and keys
    int64_t value_width;
    float scale;
    int32_t causal;      ///< query i sees keys 0...i alone
    espalier_heads query, key, value;
    const float *mask;         ///< added to the scaled scores; none where null
    int64_t mask_strides[4];   ///< along samples, heads, queries, keys
    const float *lengths;      ///< of each sample, the number of keys that are seen; all where null
    int64_t lengths_stride;
    float *output;             ///< [batches, queries, heads, value_width]
    float *log_sum;            ///< log(sum(exp(scores))) of each query: [batches, heads, queries]

    // Of the gradient alone.
    espalier_heads cotangent;  ///< of the output
    espalier_heads query_gradient, key_gradient, value_gradient;

    float *scratch; ///< espalier_attention_scratch(...) floats per thread
} espalier_attention;

/// Floats of scratch that one thread needs, for the output or for the gradient.
int64_t espalier_attention_scratch(const espalier_attention *attention, int gradient);

/// Writes `output` and `log_sum`. A query that sees no key gets zeros, and a log_sum of minus infinity.
void espalier_attention_run(const espalier_attention *attention, int threads);

/// Writes the gradients, from the `output` and the `log_sum` that were written before.
void espalier_attention_gradient_run(const espalier_attention *attention, int threads);
