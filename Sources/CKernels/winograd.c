/// Winograd's minimal filtering F(4 x 4, 3 x 3) for convolutions of 3 x 3 with stride one, and for their gradients.
///
/// A tile of 4 x 4 results takes 36 multiplications a pair of channels instead of 144:
///
///     Y = A^T [(G g G^T) * (B^T d B)] A        d: 6 x 6 places of the input, g: 3 x 3 weights, *: element by element
///
/// The sums over channels are then 36 matrix products, one a point. The gradient by the weights is the same function read
/// backwards: G^T [sum over tiles of (B^T d B) * (A dY A^T)] G; the one by the input is a convolution.
///
/// The transforms interpolate a polynomial at 0, +-sqrt(1/2), +-sqrt(2) and infinity. The usual points 0, +-1, +-2 are as
/// fast, and their rounding errors twice as large. With these the root of the mean square error is some 2.4 times that of
/// a sum of products one after the other. An infinite or undefined input spoils the whole tile, where a direct sum spoils
/// 3 x 3 places.
///
/// Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks"; for the points Barabasz, Anderson,
/// Soodhalter and Gregg 2020, "Error analysis and improving the accuracy of Winograd convolution for deep neural networks".
#include "winograd.h"

#include <string.h>

#include "tasks.h"
#include "team.h"

enum { tile_side = 4, tile_places = tile_side * tile_side, input_side = tile_side + 2, points = input_side * input_side };

/// The points' absolute values and squares, and the factors of G: 1 / product over other points of their distance.
static const float root_near = 0.70710678118654752f, root_far = 1.4142135623730950f, near = 0.5f, far = 2, both = 2.5f;
static const float scale_near = -2.0f / 3, scale_far = 1.0f / 6;

typedef struct {
    int64_t columns;
    void (*transform_input)(const float *const *places, int64_t channels, float *v, int64_t slab);
    void (*transform_output)(
        const float *m, int64_t slab, int64_t channels, float *const *places, const float *bias, int relu);
    void (*transform_cotangent)(const float *const *places, int64_t channels, float *z, int64_t slab);
    void (*transform_weights)(
        const float *weight, int64_t output_stride, int64_t row_stride, int64_t place_stride, int64_t outputs, float *u,
        int64_t slab);
    void (*transform_sums)(
        const float *u, int64_t slab, int64_t outputs, float *weight, int64_t stride, int64_t place_stride);
    void (*multiply)(int64_t tiles, const float *v, int64_t depth, const float *panel, float *m, int64_t stride);
    void (*accumulate)(
        int64_t tiles, const float *v, int64_t v_step, int64_t depth, const float *z, int64_t z_step, float *sums);
} winograd_level;

#define LEVEL_FILE "winograd_level.h"
#define LEVEL_TABLE winograd_level
#include "each_level.h"

/// An image, or what a convolution makes of it, as tiles see it.
typedef struct {
    float *values;
    int64_t height, width, channels;
} signal_map;

/// A convolution over tiles, in either direction.
typedef struct {
    signal_map input, output;
    /// The place of the input that the first tile begins at.
    int64_t first_row, first_place;
    /// The weight's element of the first tap, and the strides from there.
    const float *weight;
    int64_t output_stride, input_stride, row_stride, place_stride;
    const float *bias;
    int relu;
    int64_t grid_rows, grid_columns, tiles;
    /// Tiles that are transformed together, and elements from one point of theirs to the next.
    int64_t block, input_slab, output_slab;
} tiling;

enum { tasks_wanted = 32, largest_block = 4 * tile_rows };

/// Channels, rounded up to whole panels.
static int64_t padded(int64_t channels) { return divided_up(channels, level()->columns) * level()->columns; }

/// Points lie so far apart that they do not fall into the same lines of a cache.
static int64_t slab(int64_t tiles, int64_t channels) { return tiles * channels + 16; }

/// Zeros as far as the widest map's channels reach.
static int64_t zero_elements(const tiling *x) {
    return x->input.channels > x->output.channels ? x->input.channels : x->output.channels;
}

static tiling completed(tiling x, int64_t samples) {
    x.grid_rows = divided_up(x.output.height, tile_side);
    x.grid_columns = divided_up(x.output.width, tile_side);
    x.tiles = samples * x.grid_rows * x.grid_columns;
    x.block = smaller(divided_up(x.tiles, tasks_wanted * tile_rows) * tile_rows, largest_block);
    x.input_slab = slab(x.block, x.input.channels);
    x.output_slab = slab(x.block, padded(x.output.channels));
    return x;
}

static tiling forward_tiling(const espalier_convolution *w) {
    const int64_t *s = w->weight_strides;
    return completed(
        (tiling){
            .input = {w->x, w->input[1], w->input[2], w->inputs},
            .output = {w->y, w->output[1], w->output[2], w->outputs}, .first_row = -w->before[1],
            .first_place = -w->before[2], .weight = w->weight, .output_stride = s[0], .input_stride = s[4],
            .row_stride = s[2], .place_stride = s[3], .bias = w->bias, .relu = w->relu},
        w->samples);
}

/// The input's gradient: a convolution of the cotangents with the kernel turned by half a turn.
static tiling gradient_tiling(const espalier_convolution *w) {
    const int64_t *s = w->weight_strides;
    return completed(
        (tiling){
            .input = {w->y, w->output[1], w->output[2], w->outputs},
            .output = {w->x, w->input[1], w->input[2], w->inputs}, .first_row = w->before[1] - 2,
            .first_place = w->before[2] - 2, .weight = w->weight + 2 * s[2] + 2 * s[3], .output_stride = s[4],
            .input_stride = s[0], .row_stride = -s[2], .place_stride = -s[3]},
        w->samples);
}

bool winograd_suits(const espalier_convolution *w, espalier_convolution_result result) {
    for (int axis = 0; axis < 3; axis++) {
        if (w->kernel[axis] != (axis == 0 ? 1 : 3) || w->stride[axis] != 1 || w->dilation[axis] != 1) return false;
    }
    if (w->input[0] != 1 || w->output[0] != 1 || w->before[0] != 0 || w->groups != 1) return false;
    // Whole vectors of channels, at every level.
    if (w->inputs % 16 != 0 || w->outputs % 16 != 0) return false;
    // Tiles hang over the edges of a map, which costs what they save where it is small. Enough of them have to share the
    // transform of the weights, or of their gradient in every chunk.
    const int64_t *map = result == espalier_convolution_input ? w->input : w->output;
    int64_t tiles = divided_up(map[1], tile_side) * divided_up(map[2], tile_side);
    int64_t least = result == espalier_convolution_weight ? 384 : 8;
    return tiles * tile_places <= 2 * map[1] * map[2] && tiles * w->samples >= least;
}

// What a tile sees

/// Where the places of a square of a map lie; those beyond the edges are given `outside`.
static void find_places(
    const signal_map *map, int64_t sample, int64_t row, int64_t column, int64_t side, float *outside, float **places) {
    for (int64_t i = 0; i < side; i++) {
        for (int64_t j = 0; j < side; j++) {
            int64_t r = row + i, c = column + j;
            bool is_inside = r >= 0 && r < map->height && c >= 0 && c < map->width;
            places[i * side + j] =
                is_inside ? map->values + ((sample * map->height + r) * map->width + c) * map->channels : outside;
        }
    }
}

static void find_inputs(const tiling *x, int64_t tile, float *zeros, float **places) {
    int64_t column = tile % x->grid_columns, row = tile / x->grid_columns % x->grid_rows;
    find_places(
        &x->input, tile / (x->grid_columns * x->grid_rows), x->first_row + row * tile_side,
        x->first_place + column * tile_side, input_side, zeros, places);
}

static void find_outputs(
    const tiling *x, const signal_map *map, int64_t tile, float *outside, float **places) {
    int64_t column = tile % x->grid_columns, row = tile / x->grid_columns % x->grid_rows;
    find_places(
        map, tile / (x->grid_columns * x->grid_rows), row * tile_side, column * tile_side, tile_side, outside, places);
}

/// B^T d B of the tiles of a block, [point][tile, channel].
static void transform_inputs(const tiling *x, int64_t first, int64_t tiles, float *zeros, float *v) {
    for (int64_t t = 0; t < tiles; t++) {
        float *places[points];
        find_inputs(x, first + t, zeros, places);
        level()->transform_input(
            (const float *const *)places, x->input.channels, v + t * x->input.channels, x->input_slab);
    }
}

// Forward

typedef struct {
    const tiling *x;
    /// [point][panel][channel, column].
    float *weights;
    float *memory;
    int64_t memory_elements;
    int64_t next_panel, weights_done, next_block;
} tiling_work;

static int64_t weight_slab(const tiling *x) { return x->input.channels * padded(x->output.channels); }

/// G g G^T for one input channel and panel.
static void transform_weight(const tiling *x, int64_t task, float *weights) {
    int64_t columns = level()->columns, c = task % x->input.channels, column = task / x->input.channels * columns;
    level()->transform_weights(
        x->weight + column * x->output_stride + c * x->input_stride, x->output_stride, x->row_stride, x->place_stride,
        smaller(columns, x->output.channels - column), weights + column * x->input.channels + c * columns,
        weight_slab(x));
}

static void convolve_block(const tiling *x, int64_t block, const float *weights, float *memory) {
    int64_t first = block * x->block, tiles = smaller(x->block, x->tiles - first), columns = level()->columns;
    int64_t inputs = x->input.channels, outputs = padded(x->output.channels);
    float *zeros = memory, *v = zeros + zero_elements(x), *m = v + points * x->input_slab;
    transform_inputs(x, first, tiles, zeros, v);
    for (int64_t point = 0; point < points; point++) {
        for (int64_t column = 0; column < outputs; column += columns) {
            level()->multiply(
                tiles, v + point * x->input_slab, inputs, weights + point * weight_slab(x) + column * inputs,
                m + point * x->output_slab + column, outputs);
        }
    }
    for (int64_t t = 0; t < tiles; t++) {
        float *places[tile_places];
        find_outputs(x, &x->output, first + t, 0, places);
        level()->transform_output(m + t * outputs, x->output_slab, x->output.channels, places, x->bias, x->relu);
    }
}

static void run_member(void *context, int member, int members) {
    tiling_work *work = context;
    const tiling *x = work->x;
    int64_t weights = x->input.channels * (padded(x->output.channels) / level()->columns);
    for (int64_t task = take(&work->next_panel); task < weights; task = take(&work->next_panel)) {
        transform_weight(x, task, work->weights);
    }
    if (members > 1) espalier_team_wait(&work->weights_done, members);
    float *memory = work->memory + member * work->memory_elements;
    memset(memory, 0, (size_t)zero_elements(x) * sizeof(float));
    int64_t blocks = divided_up(x->tiles, x->block);
    for (int64_t block = take(&work->next_block); block < blocks; block = take(&work->next_block)) {
        convolve_block(x, block, work->weights, memory);
    }
}

static int64_t member_elements(const tiling *x) {
    return zero_elements(x) + points * (x->input_slab + x->output_slab);
}

static void run(const tiling *x, float *scratch, int members) {
    tiling_work work = {
        .x = x, .weights = scratch, .memory = scratch + points * weight_slab(x), .memory_elements = member_elements(x)};
    espalier_team_run(members, run_member, &work);
}

void winograd_forward(const espalier_convolution *work, float *scratch, int members) {
    tiling x = forward_tiling(work);
    run(&x, scratch, members);
}

void winograd_input_gradient(const espalier_convolution *work, float *scratch, int members) {
    tiling x = gradient_tiling(work);
    run(&x, scratch, members);
}

// The weight's gradient

/// Sums of a chunk of tiles for some panels, [point][panel][channel, column]. Chunks are as many as the sizes alone say,
/// and added up in order.
typedef struct {
    const espalier_convolution *work;
    tiling x;
    int64_t chunks, shares, panels_a_share;
    float *sums, *memory;
    int64_t memory_elements;
    int64_t next, done, next_sum;
} sums_work;

/// Sums that are kept at most, and that stay in the second-level cache, in elements; tiles that are worth sums of their own.
enum { largest_sums = 5 << 18, cached_sums = 160 << 10, chunk_tiles = 256 };

static sums_work sums_of(const espalier_convolution *w) {
    sums_work s = {.work = w, .x = forward_tiling(w)};
    int64_t panels = padded(w->outputs) / level()->columns, sums = points * weight_slab(&s.x);
    int64_t chunks = smaller(divided_up(s.x.tiles, chunk_tiles), tasks_wanted);
    s.chunks = smaller(chunks, sums < largest_sums ? largest_sums / sums : 1);
    // Panels are shared out where there are few chunks, or their sums are many.
    int64_t shares = divided_up(tasks_wanted / 4, s.chunks), cached = divided_up(sums, cached_sums);
    s.panels_a_share = divided_up(panels, shares > cached ? shares : cached);
    s.shares = divided_up(panels, s.panels_a_share);
    s.memory_elements = member_elements(&s.x);
    return s;
}

static void transform_cotangents(
    const tiling *x, int64_t first, int64_t tiles, int64_t column, int64_t count, float *zeros, float *z) {
    signal_map map = x->output;
    map.values += column;
    for (int64_t t = 0; t < tiles; t++) {
        float *places[tile_places];
        find_outputs(x, &map, first + t, zeros, places);
        level()->transform_cotangent(
            (const float *const *)places, count, z + t * padded(x->output.channels) + column, x->output_slab);
    }
}

/// One chunk of tiles, for a share of the panels.
static void sum_chunk(const sums_work *s, int64_t task, float *memory) {
    const tiling *x = &s->x;
    int64_t chunk = task % s->chunks, share = task / s->chunks, columns = level()->columns;
    int64_t inputs = x->input.channels, outputs = padded(x->output.channels), last = x->tiles * (chunk + 1) / s->chunks;
    int64_t begin = share * s->panels_a_share * columns, end = smaller(begin + s->panels_a_share * columns, outputs);
    float *zeros = memory, *v = zeros + zero_elements(x), *z = v + points * x->input_slab;
    float *sums = s->sums + chunk * points * weight_slab(x);
    for (int64_t point = 0; point < points; point++) {
        memset(
            sums + point * weight_slab(x) + begin * inputs, 0, (size_t)((end - begin) * inputs) * sizeof(float));
    }
    for (int64_t first = x->tiles * chunk / s->chunks; first < last; first += x->block) {
        int64_t tiles = smaller(x->block, last - first);
        transform_inputs(x, first, tiles, zeros, v);
        transform_cotangents(x, first, tiles, begin, smaller(end, x->output.channels) - begin, zeros, z);
        for (int64_t point = 0; point < points; point++) {
            for (int64_t column = begin; column < end; column += columns) {
                level()->accumulate(
                    tiles, v + point * x->input_slab, inputs, inputs, z + point * x->output_slab + column, outputs,
                    sums + point * weight_slab(x) + column * inputs);
            }
        }
    }
}

/// Adds up the chunks of one input channel and panel, and writes its weights, [outputs, taps, inputs].
static void write_weights(const sums_work *s, int64_t task) {
    const tiling *x = &s->x;
    int64_t columns = level()->columns, inputs = x->input.channels, c = task % inputs, column = task / inputs * columns;
    int64_t slab = weight_slab(x);
    float *sums = s->sums + column * inputs + c * columns;
    for (int64_t chunk = 1; chunk < s->chunks; chunk++) {
        for (int64_t point = 0; point < points; point++) {
            float *total = sums + point * slab;
            const float *more = total + chunk * points * slab;
            for (int64_t i = 0; i < columns; i++) total[i] += more[i];
        }
    }
    level()->transform_sums(
        sums, slab, smaller(columns, x->output.channels - column), s->work->weight + column * 9 * inputs + c, 9 * inputs,
        inputs);
}

static void run_sums_member(void *context, int member, int members) {
    sums_work *s = context;
    float *memory = s->memory + member * s->memory_elements;
    int64_t tasks = s->chunks * s->shares;
    memset(memory, 0, (size_t)zero_elements(&s->x) * sizeof(float));
    for (int64_t task = take(&s->next); task < tasks; task = take(&s->next)) sum_chunk(s, task, memory);
    if (members > 1) espalier_team_wait(&s->done, members);
    int64_t weights = s->x.input.channels * (padded(s->x.output.channels) / level()->columns);
    for (int64_t task = take(&s->next_sum); task < weights; task = take(&s->next_sum)) write_weights(s, task);
}

void winograd_weight_gradient(const espalier_convolution *work, float *scratch, int members) {
    sums_work s = sums_of(work);
    s.sums = scratch;
    s.memory = scratch + s.chunks * points * weight_slab(&s.x);
    espalier_team_run(members, run_sums_member, &s);
}

int64_t winograd_scratch(const espalier_convolution *work, espalier_convolution_result result, int threads) {
    if (result == espalier_convolution_weight) {
        sums_work s = sums_of(work);
        return s.chunks * points * weight_slab(&s.x) + threads * s.memory_elements;
    }
    tiling x = result == espalier_convolution_output ? forward_tiling(work) : gradient_tiling(work);
    return points * weight_slab(&x) + threads * member_elements(&x);
}
