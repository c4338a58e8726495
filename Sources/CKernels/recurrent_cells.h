/// What recurrent cells do in one time step to one sequence, for the units [begin, end): all but the products.
#pragma once

#include "clones.h"
#include "vector_math.h"

/// h = tanh(x + h) or max(0, x + h), where h holds the recurrent product.
KERNEL_CLONES void espalier_tanh_cell(const float *restrict x, float *restrict h, int64_t begin, int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) h[j] = vm_tanh(x[j] + h[j]);
}

KERNEL_CLONES void espalier_relu_cell(const float *restrict x, float *restrict h, int64_t begin, int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) {
        float sum = x[j] + h[j];
        h[j] = sum < 0.0f ? 0.0f : sum;
    }
}

/// Activates the gates [i, f, g, o], which hold the recurrent product, and moves cells and hidden states on.
KERNEL_CLONES void espalier_lstm_cell(
    const float *restrict x, float *restrict gates, const float *restrict before, float *restrict cells,
    float *restrict h, int64_t units, int64_t begin, int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) {
        float i = vm_sigmoid(x[j] + gates[j]);
        float f = vm_sigmoid(x[units + j] + gates[units + j]);
        float g = vm_tanh(x[2 * units + j] + gates[2 * units + j]);
        float o = vm_sigmoid(x[3 * units + j] + gates[3 * units + j]);
        float cell = f * before[j] + i * g;
        gates[j] = i;
        gates[units + j] = f;
        gates[2 * units + j] = g;
        gates[3 * units + j] = o;
        cells[j] = cell;
        h[j] = o * vm_tanh(cell);
    }
}

/// Activates the gates [r, z, n], the first two of which hold the recurrent product; the candidates hold that of n.
KERNEL_CLONES void espalier_gru_cell(
    const float *restrict x, float *restrict gates, const float *restrict candidates, const float *restrict before,
    float *restrict h, int64_t units, int64_t begin, int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) {
        float r = vm_sigmoid(x[j] + gates[j]);
        float z = vm_sigmoid(x[units + j] + gates[units + j]);
        float n = vm_tanh(x[2 * units + j] + r * candidates[j]);
        gates[j] = r;
        gates[units + j] = z;
        gates[2 * units + j] = n;
        h[j] = (1.0f - z) * n + z * before[j];
    }
}

// Backwards: `dh` holds the cotangent of the hidden state that comes from later steps, `dy` that from outside.

KERNEL_CLONES void espalier_tanh_cell_gradient(
    const float *restrict h, const float *restrict dy, const float *restrict dh, float *restrict dx, int64_t begin,
    int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) dx[j] = (dh[j] + dy[j]) * (1.0f - h[j] * h[j]);
}

KERNEL_CLONES void espalier_relu_cell_gradient(
    const float *restrict h, const float *restrict dy, const float *restrict dh, float *restrict dx, int64_t begin,
    int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) dx[j] = h[j] > 0.0f ? dh[j] + dy[j] : 0.0f;
}

/// `dc` becomes the cotangent of the cells before.
KERNEL_CLONES void espalier_lstm_cell_gradient(
    const float *restrict gates, const float *restrict cells, const float *restrict before, const float *restrict dy,
    const float *restrict dh, float *restrict dc, float *restrict dx, int64_t units, int64_t begin, int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) {
        float i = gates[j], f = gates[units + j], g = gates[2 * units + j], o = gates[3 * units + j];
        float t = vm_tanh(cells[j]);
        float hidden = dh[j] + dy[j];
        float cell = dc[j] + hidden * o * (1.0f - t * t);
        dx[j] = cell * g * (i * (1.0f - i));
        dx[units + j] = cell * before[j] * (f * (1.0f - f));
        dx[2 * units + j] = cell * i * (1.0f - g * g);
        dx[3 * units + j] = hidden * t * (o * (1.0f - o));
        dc[j] = cell * f;
    }
}

/// `dh` becomes the part of the cotangent of the hidden state before that does not go through a product.
KERNEL_CLONES void espalier_gru_cell_gradient(
    const float *restrict gates, const float *restrict candidates, const float *restrict before,
    const float *restrict dy, float *restrict dh, float *restrict dx, float *restrict d_candidates, int64_t units,
    int64_t begin, int64_t end) {
    KERNEL_LOOP for (int64_t j = begin; j < end; j++) {
        float r = gates[j], z = gates[units + j], n = gates[2 * units + j];
        float hidden = dh[j] + dy[j];
        float dn = hidden * (1.0f - z) * (1.0f - n * n);
        dx[j] = dn * candidates[j] * (r * (1.0f - r));
        dx[units + j] = hidden * (before[j] - n) * (z * (1.0f - z));
        dx[2 * units + j] = dn;
        d_candidates[j] = dn * r;
        dh[j] = hidden * z;
    }
}
