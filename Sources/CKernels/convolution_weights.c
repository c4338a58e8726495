/// The gradient of a direct convolution by its weights: sums of products of patches and cotangents, in register tiles.
#include "convolution_taps.h"
#include "team.h"

/// The functions of one level of vector instructions.
typedef struct {
    int64_t columns;
    void (*pack_cotangents)(const float *y, int64_t stride, int64_t places, int64_t count, float *packed);
    void (*add_weights)(
        int rows, const float *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
        float *partial);
    void (*add_lanes)(
        int rows, const float *const *x, int64_t x_step, int64_t x_line, const float *y, int64_t lines, int64_t width,
        float *partial);
} weights_level;

#define LEVEL_FILE "convolution_weights_level.h"
#define LEVEL_TABLE weights_level
#include "each_level.h"

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
    x.patch = padded_patch(patch_of(x.axes, rows, x.inputs).elements, x.columns);
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

void direct_weight_gradient(const espalier_convolution *work, float *scratch, int members) {
    weights_work x = weights_of(work);
    x.partials = scratch;
    x.memory = scratch + divided_up(x.panels * x.groups * x.chunks * x.partial, 16) * 16;
    espalier_team_run(members, run_weights_member, &x);
}

int64_t direct_weight_scratch(const espalier_convolution *work, int threads) {
    weights_work x = weights_of(work);
    return divided_up(x.panels * x.groups * x.chunks * x.partial, 16) * 16 + threads * (x.patch + x.band);
}
