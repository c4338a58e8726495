/// Convolution, channels last, in register tiles.
///
/// The places that a band of result rows looks at are copied, with their padding, to memory of the thread: small enough
/// to stay in its second-level cache, and without borders to think of. A register tile is then up to `tile_rows` places
/// of the result by the channels of a panel of weights, summed over all taps without leaving the registers.
///
/// The input's gradient is a convolution too. With a stride, the places of the result fall into phases, each of which
/// meets only some of the taps; a phase is a convolution of stride one.
#include "convolution_taps.h"
#include "team.h"
#include "winograd.h"

/// A convolution over taps, of one phase.
typedef struct {
    tap_axis axes[3];
    /// Where its part of a packed panel begins, in rows.
    int64_t depth_begin, depth;
} tap_phase;

/// What both directions have in common: results of `outputs` channels a group from `inputs` channels a group.
typedef struct {
    const float *x, *weight;
    float *y;
    const float *bias;
    bool relu;
    int64_t samples, groups, inputs, outputs;
    /// Strides of the weight by group, result channel, input channel, and along the kernel.
    int64_t group_stride, output_stride, input_stride, kernel_strides[3];
    /// The phases along each axis.
    int64_t phases[3];
    const espalier_convolution *work;
    bool is_gradient;
    /// Whether each channel has a kernel of its own: channels are then lanes, `inputs` and `outputs` all of them.
    bool is_depthwise;
} tap_convolution;

/// The functions of one level of vector instructions.
typedef struct {
    int64_t columns;
    void (*convolve)(
        const tap_grid *grid, int rows, const float *const *a, const float *panel, float *const *c,
        const tile_sink *sink);
    void (*convolve_lanes)(
        const tap_grid *grid, int rows, const float *const *a, const float *panel, float *const *c,
        const tile_sink *sink);
} convolution_level;

#define LEVEL_FILE "convolution_level.h"
#define LEVEL_TABLE convolution_level
#include "each_level.h"

// Axes

static int64_t greatest_divisor(int64_t a, int64_t b) { return b == 0 ? a : greatest_divisor(b, a % b); }

/// The places i = phase + stride * j of the input meet the outputs (i + before - k * dilation) / stride, for the k where
/// that is whole. In the order of rising outputs k falls.
static tap_axis gradient_axis(const espalier_convolution *w, int axis, int64_t phase) {
    int64_t stride = w->stride[axis], dilation = w->dilation[axis], kernel = w->kernel[axis];
    int64_t period = stride / greatest_divisor(stride, dilation), along = phase + w->before[axis], first = 0;
    while (first < period && first < kernel && (along - first * dilation) % stride != 0) first++;
    bool meets = first < period && first < kernel;
    int64_t taps = meets ? divided_up(kernel - first, period) : 0, last = first + (taps - 1) * period;
    return (tap_axis){
        .count = phase < w->input[axis] ? divided_up(w->input[axis] - phase, stride) : 0, .step = 1, .taps = taps,
        .first_offset = taps > 0 ? (along - last * dilation) / stride : 0, .offset_step = period * dilation / stride,
        .first_weight = last, .weight_step = -period, .result_first = phase, .result_step = stride,
        .extent = w->output[axis], .result_extent = w->input[axis]};
}

static int64_t phase_count(const tap_convolution *x) { return x->phases[0] * x->phases[1] * x->phases[2]; }

static tap_phase phase_at(const tap_convolution *x, int64_t index) {
    tap_phase phase = {.depth_begin = 0};
    for (int64_t i = 0; i <= index; i++) {
        int64_t rest = i, taps = 1;
        for (int axis = 2; axis >= 0; axis--) {
            phase.axes[axis] = x->is_gradient ? gradient_axis(x->work, axis, rest % x->phases[axis])
                                              : forward_axis(x->work, axis);
            rest /= x->phases[axis];
            taps *= phase.axes[axis].taps;
        }
        if (i > 0) phase.depth_begin += phase.depth;
        phase.depth = x->is_depthwise ? taps : taps * x->inputs;
    }
    return phase;
}

/// Sees the channels of a depthwise convolution as one group.
static tap_convolution joined(tap_convolution x) {
    if (!is_depthwise(x.work)) return x;
    x.is_depthwise = true;
    x.inputs = x.outputs = x.groups;
    x.output_stride = x.group_stride;
    x.groups = 1;
    return x;
}

static tap_convolution forward(const espalier_convolution *w) {
    const int64_t *s = w->weight_strides;
    return joined((tap_convolution){
        .x = w->x, .weight = w->weight, .y = w->y, .bias = w->bias, .relu = w->relu, .samples = w->samples,
        .groups = w->groups, .inputs = w->inputs, .outputs = w->outputs, .group_stride = w->outputs * s[0],
        .output_stride = s[0], .input_stride = s[4], .kernel_strides = {s[1], s[2], s[3]}, .phases = {1, 1, 1},
        .work = w, .is_gradient = false});
}

static tap_convolution input_gradient(const espalier_convolution *w) {
    const int64_t *s = w->weight_strides;
    return joined((tap_convolution){
        .x = w->y, .weight = w->weight, .y = w->x, .samples = w->samples, .groups = w->groups, .inputs = w->outputs,
        .outputs = w->inputs, .group_stride = w->outputs * s[0], .output_stride = s[4], .input_stride = s[0],
        .kernel_strides = {s[1], s[2], s[3]}, .phases = {w->stride[0], w->stride[1], w->stride[2]}, .work = w,
        .is_gradient = true});
}

// The patch: what a band of result rows looks at

/// Elements of a patch that stay in the second-level cache beside the weights.
enum { patch_elements = 24 * 1024 };

// Convolution over taps

static int64_t whole_depth(const tap_convolution *x) {
    tap_phase last = phase_at(x, phase_count(x) - 1);
    return last.depth_begin + last.depth;
}

/// Packs a panel of weights: for each phase, for each tap and input channel, the weights of the panel's result channels.
static void pack_weights(const tap_convolution *x, int64_t task, int64_t columns, float *packed) {
    int64_t panels = divided_up(x->outputs, columns), group = task / panels, column = task % panels * columns;
    int64_t count = smaller(columns, x->outputs - column);
    const float *weight = x->weight + group * x->group_stride + column * x->output_stride;
    packed += task * whole_depth(x) * columns;
    for (int64_t index = 0; index < phase_count(x); index++) {
        tap_phase phase = phase_at(x, index);
        const tap_axis *axes = phase.axes;
        for (int64_t t0 = 0; t0 < axes[0].taps; t0++) {
            for (int64_t t1 = 0; t1 < axes[1].taps; t1++) {
                for (int64_t t2 = 0; t2 < axes[2].taps; t2++) {
                    const float *tap = weight + (axes[0].first_weight + t0 * axes[0].weight_step) * x->kernel_strides[0]
                        + (axes[1].first_weight + t1 * axes[1].weight_step) * x->kernel_strides[1]
                        + (axes[2].first_weight + t2 * axes[2].weight_step) * x->kernel_strides[2];
                    for (int64_t c = 0; c < (x->is_depthwise ? 1 : x->inputs); c++, packed += columns) {
                        for (int64_t o = 0; o < columns; o++) {
                            packed[o] = o < count ? tap[o * x->output_stride + c * x->input_stride] : 0;
                        }
                    }
                }
            }
        }
    }
}

/// Whether a stride leaves a phase no places.
static bool is_empty(const tap_phase *phase) {
    return phase->axes[0].count == 0 || phase->axes[1].count == 0 || phase->axes[2].count == 0;
}

/// The bands of a phase, over planes and rows of a sample.
static int64_t band_count(const tap_phase *phase, int64_t channels) {
    const tap_axis *axes = phase->axes;
    if (is_empty(phase)) return 0;
    return axes[0].count * divided_up(axes[1].count, band_rows(axes, channels, patch_elements));
}

/// One band of rows of one sample and group: all of its channels.
static void convolve_band(
    const tap_convolution *x, const tap_phase *phase, int64_t sample, int64_t group, int64_t band, const float *packed,
    float *patch) {
    const convolution_level *l = level();
    const tap_axis *axes = phase->axes;
    int64_t rows = band_rows(axes, x->inputs, patch_elements), bands = divided_up(axes[1].count, rows);
    int64_t plane = band / bands, first = band % bands * rows;
    rows = smaller(rows, axes[1].count - first);
    int64_t all = x->groups * x->inputs, results = x->groups * x->outputs, width = axes[2].count;
    int64_t sample_places = axes[0].extent * axes[1].extent * axes[2].extent;
    if (phase->depth > 0) {
        fill_patch(
            axes, x->x + sample * sample_places * all + group * x->inputs, all, x->inputs, plane, first, rows, patch);
    }
    patch_size size = patch_of(axes, rows, x->inputs);
    tap_grid grid = grid_of(axes, &size, x->inputs, x->is_depthwise);
    if (phase->depth == 0) grid.runs[0] = 0;
    int64_t result_plane = axes[0].result_first + plane * axes[0].result_step;
    float *y = x->y + ((sample * axes[0].result_extent + result_plane) * axes[1].result_extent
        * axes[2].result_extent) * results + group * x->outputs;
    int64_t panels = divided_up(x->outputs, l->columns), depth = whole_depth(x);
    for (int64_t panel = 0; panel < panels; panel++) {
        int64_t column = panel * l->columns;
        tile_sink sink = {
            x->bias ? x->bias + group * x->outputs + column : 0, 0, x->relu, smaller(l->columns, x->outputs - column)};
        const float *weights = packed + ((group * panels + panel) * depth + phase->depth_begin) * l->columns;
        int64_t row = 0, place = 0;
        for (int64_t done = 0; done < rows * width;) {
            const float *a[tile_rows];
            float *c[tile_rows];
            int count = 0;
            for (; count < tile_rows && done < rows * width; count++, done++) {
                a[count] = patch + row * axes[1].step * size.width + place * axes[2].step * x->inputs
                    + (x->is_depthwise ? column : 0);
                int64_t result_row = axes[1].result_first + (first + row) * axes[1].result_step;
                int64_t result_place = axes[2].result_first + place * axes[2].result_step;
                c[count] = y + (result_row * axes[2].result_extent + result_place) * results + column;
                if (++place == width) {
                    place = 0;
                    row++;
                }
            }
            (x->is_depthwise ? l->convolve_lanes : l->convolve)(&grid, count, a, weights, c, &sink);
        }
    }
}

typedef struct {
    const tap_convolution *x;
    float *packed, *patches;
    int64_t patch;
    int64_t next_packing, next, done_packing;
} taps_work;

static int64_t largest_patch(const tap_convolution *x) {
    int64_t largest = 0;
    for (int64_t i = 0; i < phase_count(x); i++) {
        tap_phase phase = phase_at(x, i);
        if (phase.depth == 0 || is_empty(&phase)) continue;
        int64_t elements =
            patch_of(phase.axes, band_rows(phase.axes, x->inputs, patch_elements), x->inputs).elements;
        if (elements > largest) largest = elements;
    }
    return padded_patch(largest, level()->columns);
}

static int64_t packed_elements(const tap_convolution *x) {
    int64_t columns = level()->columns;
    return divided_up(x->groups * divided_up(x->outputs, columns) * whole_depth(x) * columns, 16) * 16;
}

static void run_taps_member(void *context, int member, int members) {
    taps_work *work = context;
    const tap_convolution *x = work->x;
    int64_t columns = level()->columns, panels = x->groups * divided_up(x->outputs, columns);
    for (int64_t task = take(&work->next_packing); task < panels; task = take(&work->next_packing)) {
        pack_weights(x, task, columns, work->packed);
    }
    if (members > 1) espalier_team_wait(&work->done_packing, members);
    float *patch = work->patches + member * work->patch;
    int64_t task = take(&work->next), first = 0;
    for (int64_t index = 0; index < phase_count(x); index++) {
        tap_phase phase = phase_at(x, index);
        int64_t bands = band_count(&phase, x->inputs), tasks = x->samples * x->groups * bands;
        for (; task < first + tasks; task = take(&work->next)) {
            int64_t rest = task - first;
            convolve_band(x, &phase, rest / (bands * x->groups), rest / bands % x->groups, rest % bands, work->packed, patch);
        }
        first += tasks;
    }
}

static void run_taps(const tap_convolution *x, float *scratch, int members) {
    taps_work work = {.x = x, .packed = scratch, .patches = scratch + packed_elements(x), .patch = largest_patch(x)};
    espalier_team_run(members, run_taps_member, &work);
}

// What is called

void espalier_convolution_forward(const espalier_convolution *work, float *scratch, int threads) {
    int members = members_for(work, threads);
    if (winograd_suits(work, espalier_convolution_output)) {
        winograd_forward(work, scratch, members);
        return;
    }
    tap_convolution x = forward(work);
    run_taps(&x, scratch, members);
}

void espalier_convolution_input_gradient(const espalier_convolution *work, float *scratch, int threads) {
    int members = members_for(work, threads);
    if (winograd_suits(work, espalier_convolution_input)) {
        winograd_input_gradient(work, scratch, members);
        return;
    }
    tap_convolution x = input_gradient(work);
    run_taps(&x, scratch, members);
}

void espalier_convolution_weight_gradient(const espalier_convolution *work, float *scratch, int threads) {
    bool is_fast = winograd_suits(work, espalier_convolution_weight);
    (is_fast ? winograd_weight_gradient : direct_weight_gradient)(work, scratch, members_for(work, threads));
}

int64_t espalier_convolution_scratch(const espalier_convolution *work, espalier_convolution_result result, int threads) {
    if (winograd_suits(work, result)) return winograd_scratch(work, result, threads);
    if (result == espalier_convolution_weight) return direct_weight_scratch(work, threads);
    tap_convolution x = result == espalier_convolution_output ? forward(work) : input_gradient(work);
    return packed_elements(&x) + threads * largest_patch(&x);
}
