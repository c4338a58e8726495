/// Convolution and its gradients as plain loops: every element is summed in one go, in one order.
#include "convolution_kernels.h"

#include <string.h>

#include "clones.h"
#include "team.h"

typedef espalier_convolution work_t;

/// Where the kernel's position (k0, k1, k2) meets the weight of output channel `o`.
static inline const float *weight_at(const work_t *w, int64_t o, int64_t k0, int64_t k1, int64_t k2) {
    const int64_t *s = w->weight_strides;
    return w->weight + o * s[0] + k0 * s[1] + k1 * s[2] + k2 * s[3];
}

/// The place along an axis that output `p` and the kernel's position `k` meet, or -1 beyond the ends.
static inline int64_t input_place(const work_t *w, int axis, int64_t p, int64_t k) {
    int64_t place = p * w->stride[axis] - w->before[axis] + k * w->dilation[axis];
    return place >= 0 && place < w->input[axis] ? place : -1;
}

/// The output that meets the input at `place` through the kernel's position `k`, or -1 where none does.
static inline int64_t output_place(const work_t *w, int axis, int64_t place, int64_t k) {
    int64_t along = place + w->before[axis] - k * w->dilation[axis];
    if (along < 0 || along % w->stride[axis] != 0) return -1;
    int64_t p = along / w->stride[axis];
    return p < w->output[axis] ? p : -1;
}

/// One row of results: those along the last spatial axis. `row` counts samples and the other two axes.
KERNEL_CLONES void espalier_convolution_forward_row(const work_t *w, int64_t row) {
    int64_t p1 = row % w->output[1], p0 = row / w->output[1] % w->output[0];
    int64_t n = row / (w->output[0] * w->output[1]);
    int64_t channels = w->groups * w->outputs, step = w->weight_strides[4];
    float *y = w->y + row * w->output[2] * channels;
    memset(y, 0, (size_t)(w->output[2] * channels) * sizeof(float));
    for (int64_t k0 = 0; k0 < w->kernel[0]; k0++) {
        int64_t i0 = input_place(w, 0, p0, k0);
        for (int64_t k1 = 0; i0 >= 0 && k1 < w->kernel[1]; k1++) {
            int64_t i1 = input_place(w, 1, p1, k1);
            if (i1 < 0) continue;
            const float *x = w->x + ((n * w->input[0] + i0) * w->input[1] + i1) * w->input[2] * w->groups * w->inputs;
            for (int64_t p2 = 0; p2 < w->output[2]; p2++) {
                for (int64_t k2 = 0; k2 < w->kernel[2]; k2++) {
                    int64_t i2 = input_place(w, 2, p2, k2);
                    if (i2 < 0) continue;
                    for (int64_t o = 0; o < channels; o++) {
                        const float *signal = x + (i2 * w->groups + o / w->outputs) * w->inputs;
                        const float *weight = weight_at(w, o, k0, k1, k2);
                        float sum = 0;
                        for (int64_t c = 0; c < w->inputs; c++) sum += signal[c] * weight[c * step];
                        y[p2 * channels + o] += sum;
                    }
                }
            }
        }
    }
}

KERNEL_CLONES void espalier_convolution_input_gradient_row(const work_t *w, int64_t row) {
    int64_t i1 = row % w->input[1], i0 = row / w->input[1] % w->input[0];
    int64_t n = row / (w->input[0] * w->input[1]);
    int64_t channels = w->groups * w->inputs, outputs = w->groups * w->outputs, step = w->weight_strides[4];
    float *x = w->x + row * w->input[2] * channels;
    memset(x, 0, (size_t)(w->input[2] * channels) * sizeof(float));
    for (int64_t k0 = 0; k0 < w->kernel[0]; k0++) {
        int64_t p0 = output_place(w, 0, i0, k0);
        for (int64_t k1 = 0; p0 >= 0 && k1 < w->kernel[1]; k1++) {
            int64_t p1 = output_place(w, 1, i1, k1);
            if (p1 < 0) continue;
            const float *y = w->y + ((n * w->output[0] + p0) * w->output[1] + p1) * w->output[2] * outputs;
            for (int64_t i2 = 0; i2 < w->input[2]; i2++) {
                for (int64_t k2 = 0; k2 < w->kernel[2]; k2++) {
                    int64_t p2 = output_place(w, 2, i2, k2);
                    if (p2 < 0) continue;
                    for (int64_t o = 0; o < outputs; o++) {
                        float *signal = x + (i2 * w->groups + o / w->outputs) * w->inputs;
                        const float *weight = weight_at(w, o, k0, k1, k2);
                        float factor = y[p2 * outputs + o];
                        for (int64_t c = 0; c < w->inputs; c++) signal[c] += factor * weight[c * step];
                    }
                }
            }
        }
    }
}

/// The weights of one output channel at one position of the kernel; `row` counts both.
KERNEL_CLONES void espalier_convolution_weight_gradient_row(const work_t *w, int64_t row) {
    int64_t k2 = row % w->kernel[2], k1 = row / w->kernel[2] % w->kernel[1];
    int64_t k0 = row / (w->kernel[2] * w->kernel[1]) % w->kernel[0];
    int64_t o = row / (w->kernel[2] * w->kernel[1] * w->kernel[0]);
    int64_t channels = w->groups * w->outputs;
    float *weight = w->weight + row * w->inputs;
    memset(weight, 0, (size_t)w->inputs * sizeof(float));
    for (int64_t n = 0; n < w->samples; n++) {
        for (int64_t p0 = 0; p0 < w->output[0]; p0++) {
            int64_t i0 = input_place(w, 0, p0, k0);
            for (int64_t p1 = 0; i0 >= 0 && p1 < w->output[1]; p1++) {
                int64_t i1 = input_place(w, 1, p1, k1);
                for (int64_t p2 = 0; i1 >= 0 && p2 < w->output[2]; p2++) {
                    int64_t i2 = input_place(w, 2, p2, k2);
                    if (i2 < 0) continue;
                    int64_t position = ((n * w->output[0] + p0) * w->output[1] + p1) * w->output[2] + p2;
                    int64_t place = ((n * w->input[0] + i0) * w->input[1] + i1) * w->input[2] + i2;
                    const float *x = w->x + (place * w->groups + o / w->outputs) * w->inputs;
                    float factor = w->y[position * channels + o];
                    for (int64_t c = 0; c < w->inputs; c++) weight[c] += factor * x[c];
                }
            }
        }
    }
}

typedef struct {
    const work_t *work;
    void (*row)(const work_t *work, int64_t row);
    int64_t rows;
} row_task;

static void run_member(void *context, int member, int members) {
    const row_task *task = context;
    for (int64_t row = task->rows * member / members; row < task->rows * (member + 1) / members; row++) {
        task->row(task->work, row);
    }
}

static void run(const work_t *work, void (*row)(const work_t *, int64_t), int64_t rows, int threads) {
    row_task task = {work, row, rows};
    int64_t products = work->samples * work->output[0] * work->output[1] * work->output[2] * work->groups
        * work->outputs * work->inputs * work->kernel[0] * work->kernel[1] * work->kernel[2];
    // Below some ten thousand products waking the team costs more than it saves.
    espalier_team_run(products < 32768 ? 1 : rows < threads ? (int)rows : threads, run_member, &task);
}

void espalier_convolution_forward(const work_t *work, int threads) {
    run(work, espalier_convolution_forward_row, work->samples * work->output[0] * work->output[1], threads);
}

void espalier_convolution_input_gradient(const work_t *work, int threads) {
    run(work, espalier_convolution_input_gradient_row, work->samples * work->input[0] * work->input[1], threads);
}

void espalier_convolution_weight_gradient(const work_t *work, int threads) {
    const int64_t *kernel = work->kernel;
    int64_t rows = work->groups * work->outputs * kernel[0] * kernel[1] * kernel[2];
    run(work, espalier_convolution_weight_gradient_row, rows, threads);
}
