/// What a direct convolution and its gradients share: taps along each axis, and the patch that a band of rows looks at.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "convolution_kernels.h"
#include "levels.h"
#include "tasks.h"

/// One axis of a convolution over taps. The result at `result_first + result_step * j` looks at the places
/// `step * j + first_offset + offset_step * t` through the kernel's positions `first_weight + weight_step * t`.
typedef struct {
    int64_t count, step;
    int64_t taps, first_offset, offset_step, first_weight, weight_step;
    int64_t result_first, result_step;
    int64_t extent, result_extent;
} tap_axis;

/// Taps as a register tile meets them: runs of adjacent elements.
typedef struct {
    int64_t runs[3], run_steps[3], run_length;
} tap_grid;

static inline tap_axis forward_axis(const espalier_convolution *w, int axis) {
    return (tap_axis){
        .count = w->output[axis], .step = w->stride[axis], .taps = w->kernel[axis], .first_offset = -w->before[axis],
        .offset_step = w->dilation[axis], .first_weight = 0, .weight_step = 1, .result_first = 0, .result_step = 1,
        .extent = w->input[axis], .result_extent = w->output[axis]};
}

static inline bool is_depthwise(const espalier_convolution *w) { return w->groups > 1 && w->inputs == 1 && w->outputs == 1; }

typedef struct {
    int64_t rows, width, slab, elements;
} patch_size;

static inline int64_t reach(const tap_axis *axis, int64_t count) {
    return (count - 1) * axis->step + (axis->taps - 1) * axis->offset_step + 1;
}

/// The patch of `rows` rows of results: a slab for each tap of the first axis, its rows, its places, their channels.
static inline patch_size patch_of(const tap_axis axes[3], int64_t rows, int64_t channels) {
    patch_size size;
    size.rows = reach(&axes[1], rows);
    size.width = reach(&axes[2], axes[2].count) * channels;
    size.slab = size.rows * size.width;
    size.elements = axes[0].taps * size.slab;
    return size;
}

/// As many rows of results at a time as leave the patch small.
static inline int64_t band_rows(const tap_axis axes[3], int64_t channels, int64_t elements) {
    int64_t rows = 1;
    while (rows < axes[1].count && patch_of(axes, rows + 1, channels).elements <= elements) rows++;
    // Bands as equal as possible.
    return divided_up(axes[1].count, divided_up(axes[1].count, rows));
}

/// Copies what results row `first` to `first + rows` of plane `plane` look at; zeros beyond the ends.
static inline void fill_patch(
    const tap_axis axes[3], const float *sample, int64_t all_channels, int64_t channels, int64_t plane, int64_t first,
    int64_t rows, float *patch) {
    patch_size size = patch_of(axes, rows, channels);
    int64_t places = size.width / channels;
    for (int64_t t = 0; t < axes[0].taps; t++) {
        int64_t i0 = plane * axes[0].step + axes[0].first_offset + t * axes[0].offset_step;
        for (int64_t r = 0; r < size.rows; r++, patch += size.width) {
            int64_t i1 = first * axes[1].step + axes[1].first_offset + r;
            if (i0 < 0 || i0 >= axes[0].extent || i1 < 0 || i1 >= axes[1].extent) {
                memset(patch, 0, (size_t)size.width * sizeof(float));
                continue;
            }
            int64_t begin = axes[2].first_offset, from = begin < 0 ? smaller(-begin, places) : 0;
            int64_t to = axes[2].extent - begin < places ? axes[2].extent - begin : places;
            if (to < from) to = from;
            const float *source = sample + ((i0 * axes[1].extent + i1) * axes[2].extent + begin) * all_channels;
            memset(patch, 0, (size_t)(from * channels) * sizeof(float));
            if (channels == all_channels) {
                memcpy(
                    patch + from * channels, source + from * channels, (size_t)((to - from) * channels) * sizeof(float));
            } else {
                for (int64_t i = from; i < to; i++) {
                    memcpy(patch + i * channels, source + i * all_channels, (size_t)channels * sizeof(float));
                }
            }
            memset(patch + to * channels, 0, (size_t)((places - to) * channels) * sizeof(float));
        }
    }
}

static inline tap_grid grid_of(const tap_axis axes[3], const patch_size *size, int64_t channels, bool is_depthwise) {
    bool joins = !is_depthwise && (axes[2].offset_step == 1 || axes[2].taps == 1);
    return (tap_grid){
        .runs = {axes[0].taps, axes[1].taps, joins ? 1 : axes[2].taps},
        .run_steps = {size->slab, axes[1].offset_step * size->width, axes[2].offset_step * channels},
        .run_length = joins ? axes[2].taps * channels : channels};
}

/// Patches lie on cache lines of their own, with room for a panel's lanes that reach beyond the last channel.
static inline int64_t padded_patch(int64_t elements, int64_t columns) {
    return divided_up(elements + columns, 16) * 16;
}

static inline int64_t operation_count(const espalier_convolution *w) {
    return 2 * w->samples * w->output[0] * w->output[1] * w->output[2] * w->groups * w->outputs * w->inputs
        * w->kernel[0] * w->kernel[1] * w->kernel[2];
}

/// Fewer operations than this are not worth waking the team for.
static const int64_t smallest_shared = 400000;

static inline int members_for(const espalier_convolution *w, int threads) {
    return operation_count(w) < smallest_shared ? 1 : threads;
}

/// The weight's gradient by sums over patches; see convolution_weights.c.
void direct_weight_gradient(const espalier_convolution *work, float *scratch, int members);
int64_t direct_weight_scratch(const espalier_convolution *work, int threads);
