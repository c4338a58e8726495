/// Poolings and their gradients: windows of all kinds, ties, and what is no number.
#include "check.h"

enum { maximum, maximum_gradient, average, average_gradient };

static int64_t places(const espalier_pooling *w) { return w->axes[0].extent * w->axes[1].extent * w->axes[2].extent; }

static int64_t windows(const espalier_pooling *w) { return w->axes[0].count * w->axes[1].count * w->axes[2].count; }

static espalier_pooling_axis axis_of(int64_t extent, int64_t count, int64_t step, int64_t **starts, int64_t **ends) {
    *starts = malloc((size_t)count * sizeof(int64_t));
    *ends = malloc((size_t)count * sizeof(int64_t));
    return (espalier_pooling_axis){extent, count, step, *starts, *ends, numbers(count)};
}

/// As many windows as are asked for, which cover everything.
static espalier_pooling_axis draw_adaptive(int64_t most) {
    int64_t *starts, *ends, extent = drawn(1, most), count = drawn(1, most);
    espalier_pooling_axis axis = axis_of(extent, count, 1, &starts, &ends);
    for (int64_t i = 0; i < count; i++) {
        starts[i] = i * extent / count;
        ends[i] = ((i + 1) * extent + count - 1) / count;
    }
    return axis;
}

/// Windows of one size at equal distances, the first and the last of which may hang over the ends.
static espalier_pooling_axis draw_sliding(int64_t most) {
    int64_t *starts, *ends, extent = drawn(1, most), window = drawn(1, extent < 4 ? extent : 4);
    int64_t step = window > 1 ? drawn(1, (extent - 1) / (window - 1)) : 1, span = step * (window - 1) + 1;
    int64_t stride = drawn(1, 4), padding = drawn(0, window / 2), count = (extent + 2 * padding - span) / stride + 1;
    espalier_pooling_axis axis = axis_of(extent, count, step, &starts, &ends);
    for (int64_t i = 0; i < count; i++) {
        int64_t first = i * stride - padding;
        starts[i] = first;
        while (starts[i] < 0) starts[i] += step;
        ends[i] = first + span < extent ? first + span : extent;
    }
    return axis;
}

/// Half of them are large enough for more than one thread.
static void draw(espalier_pooling *w) {
    static const int64_t most[] = {8, 20, 150};
    int first = (int)drawn(0, 2);
    for (int axis = 0; axis < 3; axis++) {
        int64_t extent = axis < first ? 1 : most[first];
        w->axes[axis] = one_in(3) ? draw_adaptive(extent) : draw_sliding(extent);
    }
    int64_t elements = one_in(2) ? drawn(16384, 40000) : drawn(1, 16384);
    w->channels = one_in(2) ? drawn(1, 20) : drawn(60, 150);
    w->samples = (elements + places(w) * w->channels - 1) / (places(w) * w->channels);
}

/// The elements of a window, as places of a sample. Returns how many there are.
static int64_t find_elements(const espalier_pooling *w, int64_t window, int64_t *elements, double *share) {
    int64_t index[3], count = 0;
    *share = 1;
    for (int axis = 2; axis >= 0; axis--) {
        index[axis] = window % w->axes[axis].count;
        window /= w->axes[axis].count;
        if (w->axes[axis].shares) *share *= (double)w->axes[axis].shares[index[axis]];
    }
    const espalier_pooling_axis *a = w->axes;
    for (int64_t i = a[0].starts[index[0]]; i < a[0].ends[index[0]]; i += a[0].step) {
        for (int64_t j = a[1].starts[index[1]]; j < a[1].ends[index[1]]; j += a[1].step) {
            for (int64_t k = a[2].starts[index[2]]; k < a[2].ends[index[2]]; k += a[2].step) {
                elements[count++] = (i * a[1].extent + j) * a[2].extent + k;
            }
        }
    }
    return count;
}

/// The first largest element, or the first that is no number.
UNCHECKED static int64_t largest(const float *x, int64_t channels, const int64_t *elements, int64_t count) {
    int64_t best = elements[0];
    for (int64_t i = 1; i < count && !isnan(x[best * channels]); i++) {
        float value = x[elements[i] * channels];
        if (isnan(value) || value > x[best * channels]) best = elements[i];
    }
    return best;
}

/// What one window of one channel adds to the sums; all pointers are to the sample's first element of the channel.
UNCHECKED static void add_window(
    int kind, const espalier_pooling *w, const float *x, const float *values, int64_t window, const int64_t *elements,
    int64_t count, double share, total *sums) {
    int64_t channels = w->channels, best = kind < average ? largest(x, channels, elements, count) : 0;
    switch (kind) {
    case maximum: add_term(&sums[window * channels], (double)values[best * channels]); break;
    case maximum_gradient: add_term(&sums[best * channels], (double)values[window * channels]); break;
    case average:
        for (int64_t i = 0; i < count; i++) {
            add_term(&sums[window * channels], share * (double)values[elements[i] * channels]);
        }
        break;
    default:
        for (int64_t i = 0; i < count; i++) {
            add_term(&sums[elements[i] * channels], share * (double)values[window * channels]);
        }
    }
}

static void compare(int kind, const espalier_pooling *w) {
    int is_gradient = kind == maximum_gradient || kind == average_gradient;
    int64_t from = is_gradient ? windows(w) : places(w), to = is_gradient ? places(w) : windows(w);
    total *sums = calloc((size_t)(w->samples * to * w->channels), sizeof(total));
    int64_t *elements = malloc((size_t)places(w) * sizeof(int64_t));
    for (int64_t window = 0; window < windows(w); window++) {
        double share;
        int64_t count = find_elements(w, window, elements, &share);
        for (int64_t i = 0; i < w->samples * w->channels; i++) {
            int64_t sample = i / w->channels, c = i % w->channels;
            add_window(
                kind, w, w->x + sample * places(w) * w->channels + c, w->values + sample * from * w->channels + c,
                window, elements, count, share, sums + sample * to * w->channels + c);
        }
    }
    for (int64_t i = 0; i < w->samples * to * w->channels; i++) REQUIRE(is_near(w->result[i], &sums[i]));
    free(sums);
    free(elements);
}

static void run(int kind, espalier_pooling w, int threads) {
    static void (*const functions[])(const espalier_pooling *, int) = {
        espalier_maximum_pool, espalier_maximum_pool_gradient, espalier_average_pool, espalier_average_pool_gradient};
    int is_gradient = kind == maximum_gradient || kind == average_gradient;
    int64_t rows = w.samples * w.channels, count = rows * places(&w), pooled = rows * windows(&w);
    float *x = numbers(count), *values = numbers(is_gradient ? pooled : count);
    int has_ties = one_in(2);
    for (int64_t i = 0; has_ties && i < count; i++) x[i] = roundf(x[i] / 2);
    for (int64_t n = one_in(2) ? drawn(1, 5) : 0; n > 0; n--) {
        x[drawn(0, count - 1)] = one_in(2) ? NAN : one_in(2) ? INFINITY : -INFINITY;
    }
    w.x = x;
    w.values = kind == maximum && one_in(2) ? x : values;
    w.result = numbers(is_gradient ? count : pooled);
    for (int axis = 0; axis < 3 && kind < average; axis++) w.axes[axis].shares = 0;
    functions[kind](&w, threads);
    compare(kind, &w);
    free(x);
    free(values);
    free(w.result);
}

void check_poolings(void) {
    for (int i = 0; i < 100; i++) {
        espalier_pooling w = {0};
        draw(&w);
        for (int kind = maximum; kind <= average_gradient; kind++) run(kind, w, 1 + i % 4);
        for (int axis = 0; axis < 3; axis++) {
            free((void *)w.axes[axis].starts);
            free((void *)w.axes[axis].ends);
            free((void *)w.axes[axis].shares);
        }
    }
}
