/// Convolution, channels last, in register tiles.
///
/// The places that a band of result rows looks at are copied, with their padding, to memory of the thread: small enough
/// to stay in its second-level cache, and without borders to think of. A register tile is then up to `tile_rows` places
/// of the result by the channels of a panel of weights, summed over all taps without leaving the registers.
///
/// The input's gradient is a convolution too. With a stride, the places of the result fall into phases, each of which
/// meets only some of the taps; a phase is a convolution of stride one.
#include "convolution_kernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "levels.h"
#include "team.h"

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

typedef struct {
    int64_t columns;
    void (*convolve)(
        const tap_grid *grid, int rows, const float *const *a, const float *panel, float *const *c,
        const tile_sink *sink);
    void (*convolve_lanes)(
        const tap_grid *grid, int rows, const float *const *a, const float *panel, float *const *c,
        const tile_sink *sink);
    void (*pack_cotangents)(const float *y, int64_t stride, int64_t places, int64_t count, float *packed);
    void (*add_weights)(
        int rows, const float *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
        float *partial);
    void (*add_lanes)(
        int rows, const float *const *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
        float *partial);
} convolution_level;

#define LEVEL(name) name##_basic
#define TARGET
#define LANES 4
#include "convolution_level.h"
#undef LEVEL
#undef TARGET
#undef LANES

#if defined(__x86_64__)
#define LEVEL(name) name##_v3
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 8
#include "convolution_level.h"
#undef LEVEL
#undef TARGET
#undef LANES

#define LEVEL(name) name##_v4
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 16
#include "convolution_level.h"
#endif

static const convolution_level *level(void) {
#if defined(__x86_64__)
    if (best_level() == level_v4) return &functions_v4;
    if (best_level() == level_v3) return &functions_v3;
#endif
    return &functions_basic;
}

static int64_t divided_up(int64_t value, int64_t by) { return (value + by - 1) / by; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t take(int64_t *counter) { return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

// Axes

static tap_axis forward_axis(const espalier_convolution *w, int axis) {
    return (tap_axis){
        .count = w->output[axis], .step = w->stride[axis], .taps = w->kernel[axis], .first_offset = -w->before[axis],
        .offset_step = w->dilation[axis], .first_weight = 0, .weight_step = 1, .result_first = 0, .result_step = 1,
        .extent = w->input[axis], .result_extent = w->output[axis]};
}

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

static bool is_depthwise(const espalier_convolution *w) { return w->groups > 1 && w->inputs == 1 && w->outputs == 1; }

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

typedef struct {
    int64_t rows, width, slab, elements;
} patch_size;

static int64_t reach(const tap_axis *axis, int64_t count) {
    return (count - 1) * axis->step + (axis->taps - 1) * axis->offset_step + 1;
}

/// The patch of `rows` rows of results: a slab for each tap of the first axis, its rows, its places, their channels.
static patch_size patch_of(const tap_axis axes[3], int64_t rows, int64_t channels) {
    patch_size size;
    size.rows = reach(&axes[1], rows);
    size.width = reach(&axes[2], axes[2].count) * channels;
    size.slab = size.rows * size.width;
    size.elements = axes[0].taps * size.slab;
    return size;
}

/// As many rows of results at a time as leave the patch small.
static int64_t band_rows(const tap_axis axes[3], int64_t channels, int64_t elements) {
    int64_t rows = 1;
    while (rows < axes[1].count && patch_of(axes, rows + 1, channels).elements <= elements) rows++;
    // Bands as equal as possible.
    return divided_up(axes[1].count, divided_up(axes[1].count, rows));
}

/// Copies what results row `first` to `first + rows` of plane `plane` look at; zeros beyond the ends.
static void fill_patch(
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

// Convolution over taps

static tap_grid grid_of(const tap_axis axes[3], const patch_size *size, int64_t channels, bool is_depthwise) {
    bool joins = !is_depthwise && (axes[2].offset_step == 1 || axes[2].taps == 1);
    return (tap_grid){
        .runs = {axes[0].taps, axes[1].taps, joins ? 1 : axes[2].taps},
        .run_steps = {size->slab, axes[1].offset_step * size->width, axes[2].offset_step * channels},
        .run_length = joins ? axes[2].taps * channels : channels};
}

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

/// Patches lie on cache lines of their own, with room for a panel's lanes that reach beyond the last channel.
static int64_t padded_patch(int64_t elements) { return divided_up(elements + level()->columns, 16) * 16; }

static int64_t largest_patch(const tap_convolution *x) {
    int64_t largest = 0;
    for (int64_t i = 0; i < phase_count(x); i++) {
        tap_phase phase = phase_at(x, i);
        if (phase.depth == 0 || is_empty(&phase)) continue;
        int64_t elements =
            patch_of(phase.axes, band_rows(phase.axes, x->inputs, patch_elements), x->inputs).elements;
        if (elements > largest) largest = elements;
    }
    return padded_patch(largest);
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

static int64_t operation_count(const espalier_convolution *w) {
    return 2 * w->samples * w->output[0] * w->output[1] * w->output[2] * w->groups * w->outputs * w->inputs
        * w->kernel[0] * w->kernel[1] * w->kernel[2];
}

/// Fewer operations than this are not worth waking the team for.
static const int64_t smallest_shared = 400000;

static int members_for(const espalier_convolution *w, int threads) {
    return operation_count(w) < smallest_shared ? 1 : threads;
}

static void run_taps(const tap_convolution *x, float *scratch, int threads) {
    taps_work work = {.x = x, .packed = scratch, .patches = scratch + packed_elements(x), .patch = largest_patch(x)};
    espalier_team_run(members_for(x->work, threads), run_taps_member, &work);
}

void espalier_convolution_forward(const espalier_convolution *work, float *scratch, int threads) {
    tap_convolution x = forward(work);
    run_taps(&x, scratch, threads);
}

void espalier_convolution_input_gradient(const espalier_convolution *work, float *scratch, int threads) {
    tap_convolution x = input_gradient(work);
    run_taps(&x, scratch, threads);
}

// The weight's gradient

/// The sums of a chunk of samples for a panel of output channels, [taps, inputs, columns], are added up over bands whose
/// patches stay in the first-level cache. Chunks are as many as the sizes alone say, and added up in order.
typedef struct {
    const espalier_convolution *work;
    bool is_depthwise;
    int64_t groups, inputs, outputs;
    tap_axis axes[3];
    int64_t columns, panels, panels_a_task, shares, chunks, depth;
    int64_t patch, band, partial;
    float *partials, *memory;
    int64_t next, done, next_sum;
} weights_work;

enum { weight_patch_elements = 8 * 1024, weight_tasks = 32, weight_sums = 1 << 20 };

static weights_work weights_of(const espalier_convolution *w) {
    weights_work x = {
        .work = w, .columns = level()->columns, .groups = w->groups, .inputs = w->inputs, .outputs = w->outputs,
        .is_depthwise = is_depthwise(w)};
    if (x.is_depthwise) {
        x.inputs = x.outputs = x.groups;
        x.groups = 1;
    }
    for (int axis = 0; axis < 3; axis++) x.axes[axis] = forward_axis(w, axis);
    x.panels = divided_up(x.outputs, x.columns);
    x.depth = w->kernel[0] * w->kernel[1] * w->kernel[2] * w->inputs;
    x.partial = x.depth * x.columns;
    // A patch serves all panels of a task; large weights are cut by panels instead of by samples.
    int64_t chunks = smaller(weight_sums / (x.groups * x.panels * x.partial), divided_up(weight_tasks, x.groups));
    x.chunks = smaller(w->samples, chunks > 0 ? chunks : 1);
    x.panels_a_task = divided_up(x.panels, divided_up(weight_tasks, x.chunks * x.groups));
    x.shares = divided_up(x.panels, x.panels_a_task);
    int64_t rows = band_rows(x.axes, x.inputs, weight_patch_elements);
    x.patch = padded_patch(patch_of(x.axes, rows, x.inputs).elements);
    x.band = divided_up(rows * w->output[2] * x.columns, 16) * 16;
    return x;
}

/// Adds the products of a band's patch and its cotangents, [places, columns], to the sums.
static void add_band(
    const weights_work *x, const float *patch, int64_t column, const float *y, int64_t rows, float *partial) {
    const espalier_convolution *w = x->work;
    const tap_axis *axes = x->axes;
    patch_size size = patch_of(axes, rows, x->inputs);
    tap_grid grid = grid_of(axes, &size, x->inputs, x->is_depthwise);
    int64_t line = axes[1].step * size.width, step = axes[2].step * x->inputs;
    const float *taps[tile_rows];
    int count = 0;
    for (int64_t t = 0; x->is_depthwise && t < x->depth; t++) {
        int64_t t2 = t % grid.runs[2], t1 = t / grid.runs[2] % grid.runs[1], t0 = t / (grid.runs[2] * grid.runs[1]);
        taps[count++] =
            patch + column + t0 * grid.run_steps[0] + t1 * grid.run_steps[1] + t2 * grid.run_steps[2];
        if (count < tile_rows && t + 1 < x->depth) continue;
        level()->add_lanes(count, taps, step, line, y, rows, w->output[2], partial);
        partial += count * x->columns;
        count = 0;
    }
    for (int64_t t0 = 0; !x->is_depthwise && t0 < grid.runs[0]; t0++) {
        for (int64_t t1 = 0; t1 < grid.runs[1]; t1++) {
            for (int64_t t2 = 0; t2 < grid.runs[2]; t2++) {
                const float *run =
                    patch + t0 * grid.run_steps[0] + t1 * grid.run_steps[1] + t2 * grid.run_steps[2];
                for (int64_t i = 0; i < grid.run_length; i += tile_rows, partial += tile_rows * x->columns) {
                    int64_t rest = smaller(tile_rows, grid.run_length - i);
                    level()->add_weights((int)rest, run + i, step, line, y, rows, w->output[2], partial);
                    if (rest < tile_rows) partial -= (tile_rows - rest) * x->columns;
                }
            }
        }
    }
}

static float *partial_sums(const weights_work *x, int64_t group, int64_t panel, int64_t chunk) {
    return x->partials + ((group * x->panels + panel) * x->chunks + chunk) * x->partial;
}

/// One chunk of samples for some panels.
static void sum_chunk(const weights_work *x, int64_t task, float *memory) {
    const espalier_convolution *w = x->work;
    int64_t chunk = task % x->chunks, share = task / x->chunks % x->shares, group = task / (x->chunks * x->shares);
    int64_t first_panel = share * x->panels_a_task, last_panel = smaller(first_panel + x->panels_a_task, x->panels);
    int64_t rows = band_rows(x->axes, x->inputs, weight_patch_elements);
    int64_t all = x->groups * x->inputs, results = x->groups * x->outputs;
    int64_t places = w->input[0] * w->input[1] * w->input[2];
    float *patch = memory, *cotangents = memory + x->patch;
    for (int64_t panel = first_panel; panel < last_panel; panel++) {
        memset(partial_sums(x, group, panel, chunk), 0, (size_t)x->partial * sizeof(float));
    }
    for (int64_t n = w->samples * chunk / x->chunks; n < w->samples * (chunk + 1) / x->chunks; n++) {
        for (int64_t plane = 0; plane < w->output[0]; plane++) {
            for (int64_t first = 0; first < w->output[1]; first += rows) {
                int64_t lines = smaller(rows, w->output[1] - first);
                fill_patch(
                    x->axes, w->x + n * places * all + group * x->inputs, all, x->inputs, plane, first, lines, patch);
                const float *y = w->y + ((n * w->output[0] + plane) * w->output[1] + first) * w->output[2] * results
                    + group * x->outputs;
                for (int64_t panel = first_panel; panel < last_panel; panel++) {
                    int64_t column = panel * x->columns, count = smaller(x->columns, x->outputs - column);
                    level()->pack_cotangents(y + column, results, lines * w->output[2], count, cotangents);
                    add_band(x, patch, column, cotangents, lines, partial_sums(x, group, panel, chunk));
                }
            }
        }
    }
}

/// Adds up the chunks of one panel and writes its weights, [outputs, taps, inputs].
static void sum_panel(const weights_work *x, int64_t task) {
    const espalier_convolution *w = x->work;
    int64_t column = task % x->panels * x->columns, group = task / x->panels;
    float *sums = partial_sums(x, group, task % x->panels, 0);
    for (int64_t chunk = 1; chunk < x->chunks; chunk++) {
        const float *more = sums + chunk * x->partial;
        for (int64_t i = 0; i < x->partial; i++) sums[i] += more[i];
    }
    for (int64_t o = 0; o < x->columns && column + o < x->outputs; o++) {
        float *weight = w->weight + (group * x->outputs + column + o) * x->depth;
        for (int64_t i = 0; i < x->depth; i++) weight[i] = sums[i * x->columns + o];
    }
}

static void run_weights_member(void *context, int member, int members) {
    weights_work *x = context;
    int64_t panels = x->panels * x->groups, tasks = x->chunks * x->shares * x->groups;
    float *memory = x->memory + member * (x->patch + x->band);
    for (int64_t task = take(&x->next); task < tasks; task = take(&x->next)) sum_chunk(x, task, memory);
    if (members > 1) espalier_team_wait(&x->done, members);
    for (int64_t task = take(&x->next_sum); task < panels; task = take(&x->next_sum)) sum_panel(x, task);
}

void espalier_convolution_weight_gradient(const espalier_convolution *work, float *scratch, int threads) {
    weights_work x = weights_of(work);
    x.partials = scratch;
    x.memory = scratch + divided_up(x.panels * x.groups * x.chunks * x.partial, 16) * 16;
    espalier_team_run(members_for(work, threads), run_weights_member, &x);
}

// Scratch memory

int64_t espalier_convolution_scratch(const espalier_convolution *work, espalier_convolution_result result, int threads) {
    if (result == espalier_convolution_weight) {
        weights_work x = weights_of(work);
        return divided_up(x.panels * x.groups * x.chunks * x.partial, 16) * 16 + threads * (x.patch + x.band);
    }
    tap_convolution x = result == espalier_convolution_output ? forward(work) : input_gradient(work);
    return packed_elements(&x) + threads * largest_patch(&x);
}
