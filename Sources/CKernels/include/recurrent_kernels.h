/// Recurrent layers over whole sequences, and backpropagation through time.
///
/// The bits do not depend on the number of threads. Nothing is allocated.
#pragma once

#include <stdint.h>

typedef enum {
    espalier_cell_tanh,
    espalier_cell_relu,
    espalier_cell_lstm,
    espalier_cell_gru,
} espalier_recurrent_cell;

/// T steps, B sequences, H units; gates in PyTorch's order. Everything is contiguous.
typedef struct {
    int32_t cell;
    int32_t is_reversed;
    int64_t steps, batch, units;

    const float *projection;     ///< x W_ih^T + b [T, B, gates H]; not read by the gradient
    const float *weight;         ///< W_hh [gates H, H]
    const float *candidate_bias; ///< a GRU's b_hn [H], or null for zeros; not read by the gradient
    const float *hidden;         ///< before the first step [B, H], or null for zeros
    const float *state;          ///< an LSTM's cells before the first step [B, H], or null for zeros

    /// Written, and read by the gradient: hidden states [T, B, H], the last [B, H], an LSTM's last cells [B, H]; of an
    /// LSTM or GRU activated gates [T, B, gates H], then an LSTM's cells or a GRU's W_hn h + b_hn [T, B, H].
    float *result;

    // Of the gradient alone. Null stands for zeros.
    const float *sequence_cotangent; ///< [T, B, H]
    const float *hidden_cotangent;   ///< [B, H]
    const float *state_cotangent;    ///< [B, H]
    /// Written: cotangents of the projection [T, B, gates H], of a GRU's W_hn h + b_hn [T, B, H], of the hidden state
    /// before the first step [B, H], of an LSTM's cells before it [B, H].
    float *gradient;

    float *scratch; ///< espalier_recurrence_scratch(...) elements
} espalier_recurrence;

/// Elements of scratch memory that either function needs.
int64_t espalier_recurrence_scratch(const espalier_recurrence *x, int threads);

/// Computes the result.
void espalier_run_recurrence(const espalier_recurrence *x, int threads);

/// Computes the gradient.
void espalier_run_recurrence_gradient(const espalier_recurrence *x, int threads);
