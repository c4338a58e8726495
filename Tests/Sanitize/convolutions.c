/// Convolutions and their gradients, direct and by Winograd's algorithm, of random sizes and strides.
#include "check.h"

static int64_t places(const int64_t extents[3]) { return extents[0] * extents[1] * extents[2]; }

static int64_t term_count(const espalier_convolution *w) {
    return w->samples * places(w->output) * places(w->kernel) * w->groups * w->outputs * w->inputs;
}

/// An output's extent asks for any number of zeros behind the input, or leaves some of its end out.
static void draw_output(espalier_convolution *w, int axis) {
    int64_t span = (w->kernel[axis] - 1) * w->dilation[axis] + 1;
    int64_t extent = (w->input[axis] + 2 * w->before[axis] - span) / w->stride[axis] + 1 + drawn(-1, 1);
    w->output[axis] = extent < 1 ? 1 : extent;
}

static void draw_axis(espalier_convolution *w, int axis, int64_t most) {
    w->input[axis] = drawn(1, most);
    w->kernel[axis] = drawn(1, 4);
    w->stride[axis] = one_in(2) ? 1 : drawn(1, 5);
    w->dilation[axis] = one_in(2) ? 1 : drawn(1, 4);
    w->before[axis] = one_in(3) ? 0 : drawn(0, (w->kernel[axis] - 1) * w->dilation[axis] + 2);
    draw_output(w, axis);
}

static void draw_missing_axis(espalier_convolution *w, int axis) {
    w->input[axis] = w->output[axis] = w->kernel[axis] = w->stride[axis] = w->dilation[axis] = 1;
    w->before[axis] = 0;
}

/// Half of them are large enough for more than one thread.
static espalier_convolution draw_direct(void) {
    static const int64_t most[] = {7, 20, 100};
    espalier_convolution w = {0};
    int64_t least = one_in(2) ? 200000 : 1;
    do {
        int first = (int)drawn(0, 2);
        for (int axis = 0; axis < 3; axis++) {
            if (axis < first) draw_missing_axis(&w, axis);
            else draw_axis(&w, axis, most[first]);
        }
        int is_depthwise = one_in(4);
        w.samples = drawn(1, 5);
        w.groups = is_depthwise ? drawn(2, 70) : one_in(2) ? 1 : drawn(2, 4);
        w.inputs = is_depthwise ? 1 : drawn(1, 40);
        w.outputs = is_depthwise ? 1 : drawn(1, 40);
    } while (term_count(&w) < least || term_count(&w) > 1000000);
    return w;
}

/// The gradient by the weight is Winograd's only where there are many tiles.
static espalier_convolution draw_winograd(espalier_convolution_result result) {
    espalier_convolution w = {.groups = 1, .inputs = 16 * drawn(1, 2), .outputs = 16 * drawn(1, 3)};
    draw_missing_axis(&w, 0);
    for (int axis = 1; axis < 3; axis++) {
        draw_missing_axis(&w, axis);
        w.input[axis] = drawn(3, 26);
        w.kernel[axis] = 3;
        w.before[axis] = one_in(3) ? drawn(0, 5) : drawn(0, 2);
        draw_output(&w, axis);
    }
    int64_t tiles = (w.output[1] + 3) / 4 * ((w.output[2] + 3) / 4);
    w.samples = result == espalier_convolution_weight ? 384 / tiles + drawn(1, 3) : drawn(1, 3);
    return w;
}

/// The place of the input that an output meets through a tap, or -1.
UNCHECKED static int64_t place_of(const espalier_convolution *w, int64_t output, int64_t tap) {
    int64_t place = 0, step = 1;
    for (int axis = 2; axis >= 0; axis--) {
        int64_t p = output % w->output[axis], k = tap % w->kernel[axis];
        int64_t at = p * w->stride[axis] - w->before[axis] + k * w->dilation[axis];
        if (at < 0 || at >= w->input[axis]) return -1;
        place += at * step;
        step *= w->input[axis];
        output /= w->output[axis];
        tap /= w->kernel[axis];
    }
    return place;
}

UNCHECKED static int64_t tap_offset(const espalier_convolution *w, int64_t tap) {
    const int64_t *strides = w->weight_strides + 1;
    return tap / (w->kernel[1] * w->kernel[2]) * strides[0] + tap / w->kernel[2] % w->kernel[1] * strides[1]
        + tap % w->kernel[2] * strides[2];
}

/// All three results are sums of the same products, each over the indices that it lacks.
UNCHECKED static void add_terms(const espalier_convolution *w, espalier_convolution_result result, total *sums) {
    int64_t outputs = places(w->output), taps = places(w->kernel), channels = w->groups * w->outputs;
    for (int64_t i = 0; i < w->samples * outputs * taps; i++) {
        int64_t tap = i % taps, output = i / taps, place = place_of(w, output % outputs, tap);
        if (place < 0) continue;
        place += output / outputs * places(w->input);
        for (int64_t o = 0; o < channels; o++) {
            int64_t y = output * channels + o, x = (place * w->groups + o / w->outputs) * w->inputs;
            int64_t weight = o * w->weight_strides[0] + tap_offset(w, tap);
            for (int64_t c = 0; c < w->inputs; c++, x++, weight += w->weight_strides[4]) {
                switch (result) {
                case espalier_convolution_output:
                    add_term(&sums[y], (double)w->x[x] * (double)w->weight[weight]);
                    break;
                case espalier_convolution_input:
                    add_term(&sums[x], (double)w->y[y] * (double)w->weight[weight]);
                    break;
                case espalier_convolution_weight: add_term(&sums[weight], (double)w->x[x] * (double)w->y[y]);
                }
            }
        }
    }
}

/// By Winograd's algorithm an element has the rounding errors of its whole tile, even where it sees only zeros itself.
static void spread_magnitudes(total *sums, int64_t count) {
    total largest = {0};
    for (int64_t i = 0; i < count; i++) {
        if (sums[i].magnitude > largest.magnitude) largest = sums[i];
    }
    for (int64_t i = 0; i < count; i++) sums[i] = (total){sums[i].sum, largest.magnitude, largest.terms};
}

static void compare(
    const espalier_convolution *w, espalier_convolution_result result, int is_winograd, const float *values,
    int64_t count) {
    total *sums = calloc((size_t)count, sizeof(total));
    add_terms(w, result, sums);
    if (is_winograd) spread_magnitudes(sums, count);
    for (int64_t i = 0; i < count; i++) {
        if (result == espalier_convolution_output) {
            if (w->bias) add_term(&sums[i], (double)w->bias[i % (w->groups * w->outputs)]);
            if (w->relu && sums[i].sum < 0) sums[i].sum = 0;
        }
        REQUIRE(is_near(values[i], &sums[i]));
    }
    free(sums);
}

/// The weight's strides in any order, with gaps, where it is read. Returns how many elements it spans.
static int64_t lay_out_weight(espalier_convolution *w, int is_read) {
    int64_t extents[] = {w->groups * w->outputs, w->kernel[0], w->kernel[1], w->kernel[2], w->inputs}, count = 1;
    int order[] = {4, 3, 2, 1, 0};
    if (is_read) {
        if (one_in(2)) shuffle(order, 5);
        return lay_out(extents, w->weight_strides, order, 5, one_in(4) ? 2 : 1);
    }
    for (int i = 0; i < 5; i++) {
        w->weight_strides[order[i]] = count;
        count *= extents[order[i]];
    }
    return count;
}

static void run(espalier_convolution w, espalier_convolution_result result, int is_winograd, int threads) {
    static void (*const functions[])(const espalier_convolution *, float *, int) = {
        espalier_convolution_forward, espalier_convolution_input_gradient, espalier_convolution_weight_gradient};
    int64_t weights = lay_out_weight(&w, result != espalier_convolution_weight);
    int64_t inputs = w.samples * places(w.input) * w.groups * w.inputs;
    int64_t outputs = w.samples * places(w.output) * w.groups * w.outputs;
    float *bias = result == espalier_convolution_output && one_in(2) ? numbers(w.groups * w.outputs) : 0;
    w.x = numbers(inputs);
    w.weight = numbers(weights);
    w.y = numbers(outputs);
    w.bias = bias;
    w.relu = result == espalier_convolution_output && one_in(2);
    float *memory = scratch(espalier_convolution_scratch(&w, result, threads));
    functions[result](&w, memory, threads);
    free(memory);
    switch (result) {
    case espalier_convolution_output: compare(&w, result, is_winograd, w.y, outputs); break;
    case espalier_convolution_input: compare(&w, result, is_winograd, w.x, inputs); break;
    case espalier_convolution_weight: compare(&w, result, is_winograd, w.weight, weights);
    }
    free(w.x);
    free(w.weight);
    free(w.y);
    free(bias);
}

void check_convolutions(void) {
    for (int i = 0; i < 600; i++) {
        espalier_convolution_result result = (espalier_convolution_result)(i % 3);
        int threads = 1 + i % 4, is_winograd = i / 12 % 10 == 0;
        run(is_winograd ? draw_winograd(result) : draw_direct(), result, is_winograd, threads);
    }
}
