/// Kernels along any axis: running sums, elements by their indices, sorting.
#include "check.h"

typedef struct {
    int64_t outer, extent, inner;
} shape;

/// Half of them are large enough for more than one thread.
static shape draw(void) {
    shape s;
    int64_t least = one_in(2) ? 32768 : 1;
    do {
        s.outer = drawn(1, 50);
        s.extent = one_in(4) ? drawn(1, 2000) : drawn(1, 100);
        s.inner = one_in(3) ? 1 : drawn(1, 150);
    } while (s.outer * s.extent * s.inner < least || s.outer * s.extent * s.inner > 60000);
    return s;
}

static void check_sums(shape s, int threads) {
    int64_t count = s.outer * s.extent * s.inner;
    int reversed = one_in(2);
    float *x = numbers(count), *y = numbers(count);
    espalier_cumulative_sum(x, y, s.outer, s.extent, s.inner, reversed, threads);
    for (int64_t line = 0; line < s.outer * s.inner; line++) {
        double sum = 0;
        for (int64_t step = 0; step < s.extent; step++) {
            int64_t i = reversed ? s.extent - 1 - step : step;
            int64_t at = (line / s.inner * s.extent + i) * s.inner + line % s.inner;
            sum += (double)x[at];
            REQUIRE(y[at] == (float)sum);
        }
    }
    free(x);
    free(y);
}

static int64_t first_outside(const int32_t *places, int64_t count, int64_t extent) {
    for (int64_t i = 0; i < count; i++) {
        if (places[i] < 0 || places[i] >= extent) return i;
    }
    return -1;
}

static void check_indices(shape s, int64_t kept, int threads) {
    int64_t count = s.outer * s.extent * s.inner, parts = s.outer * kept * s.inner;
    float *whole = numbers(count), *part = numbers(parts), *sums = calloc((size_t)count, sizeof(float));
    int32_t *places = indices(parts, 0, s.extent - 1);
    if (one_in(4)) places[drawn(0, parts - 1)] = one_in(2) ? -1 : (int32_t)s.extent;
    int64_t outside = first_outside(places, parts, s.extent);
    REQUIRE(espalier_take_along_axis(whole, places, part, s.outer, s.extent, s.inner, kept, threads) == outside);
    for (int64_t i = 0; outside < 0 && i < parts; i++) {
        int64_t at = (i / (kept * s.inner) * s.extent + places[i]) * s.inner + i % s.inner;
        REQUIRE(part[i] == whole[at]);
        sums[at] += part[i];
    }
    REQUIRE(espalier_add_along_axis(part, places, whole, s.outer, s.extent, s.inner, kept, threads) == outside);
    REQUIRE(outside >= 0 || memcmp(sums, whole, (size_t)count * sizeof(float)) == 0);
    free(whole);
    free(part);
    free(sums);
    free(places);
}

/// Whether element a comes before b: no number is larger than any, and equal elements keep their order.
static int precedes(const float *x, int64_t a, int64_t b, int descending) {
    int is_less = x[a] < x[b] || (!isnan(x[a]) && isnan(x[b]));
    int is_greater = x[a] > x[b] || (isnan(x[a]) && !isnan(x[b]));
    return is_less || is_greater ? is_less != descending : a < b;
}

static void check_sorting(int64_t rows, int64_t width, int threads) {
    int64_t count = one_in(2) ? width : drawn(0, width);
    int descending = one_in(2), kind = (int)drawn(0, 3);
    float *x = numbers(rows * width);
    for (int64_t i = 0; i < rows * width; i++) {
        if (kind == 1) x[i] = roundf(x[i]);
        if (kind == 2) x[i] = (float)(i % width);
        if (kind == 3) x[i] = one_in(9) ? NAN : one_in(9) ? INFINITY : one_in(9) ? 0.0f * x[i] : x[i];
    }
    int32_t *order = indices(rows * count, -1, -1);
    espalier_argument_sort(x, order, rows, width, count, descending, threads);
    for (int64_t row = 0; row < rows && count > 0; row++) {
        const float *values = x + row * width;
        const int32_t *sorted = order + row * count;
        int64_t last = sorted[count - 1], before = 0;
        for (int64_t i = 0; i < count; i++) REQUIRE(sorted[i] >= 0 && sorted[i] < width);
        for (int64_t i = 1; i < count; i++) REQUIRE(precedes(values, sorted[i - 1], sorted[i], descending));
        for (int64_t i = 0; i < width; i++) before += precedes(values, i, last, descending);
        REQUIRE(before == count - 1);
    }
    free(x);
    free(order);
}

void check_axes(void) {
    for (int i = 0; i < 150; i++) {
        int threads = 1 + i % 4;
        shape s = draw();
        check_sums(s, threads);
        check_indices(s, drawn(1, s.extent), threads);
        check_sorting(s.outer * s.inner, s.extent, threads);
    }
}
