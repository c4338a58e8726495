/// Kernels along rows, those that follow indices, elementary functions of any bits, random words.
#include "check.h"

static void check_rows_of(int64_t rows, int64_t width, int threads) {
    float *x = numbers(rows * width), *y = numbers(rows * width), *losses = numbers(rows);
    int32_t *labels = indices(rows, one_in(4) ? -2 : 0, width - 1), *places = indices(rows, 0, 0);
    if (one_in(3)) x[drawn(0, rows * width - 1)] = NAN;
    if (one_in(3)) x[drawn(0, rows * width - 1)] = -INFINITY;
    espalier_softmax(x, y, rows, width, threads);
    espalier_log_softmax(x, y, rows, width, threads);
    espalier_cross_entropy(x, labels, losses, rows, width, threads);
    espalier_argument_maximum(x, places, rows, width, threads);
    free(x);
    free(y);
    free(losses);
    free(labels);
    free(places);
}

static void check_indices(int64_t outer, int64_t extent, int64_t inner, int64_t count, int threads) {
    float *whole = numbers(outer * extent * inner), *parts = numbers(outer * count * inner);
    int32_t *positions = indices(count, 0, one_in(4) ? extent : extent - 1);
    espalier_gather(whole, positions, parts, outer, extent, inner, count, threads);
    espalier_scatter_add(parts, positions, whole, outer, extent, inner, count, threads);
    free(whole);
    free(parts);
    free(positions);
}

static void check_functions(int64_t count) {
    float *x = (float *)indices(count, INT32_MIN, INT32_MAX), *z = (float *)indices(count, INT32_MIN, INT32_MAX);
    float *y = numbers(count);
    espalier_vm_exp(x, y, count);
    espalier_vm_expm1(x, y, count);
    espalier_vm_log(x, y, count);
    espalier_vm_log1p(x, y, count);
    espalier_vm_tanh(x, y, count);
    espalier_vm_sigmoid(x, y, count);
    espalier_vm_erf(x, y, count);
    espalier_vm_sin(x, y, count);
    espalier_vm_cos(x, y, count);
    espalier_vm_pow(x, z, y, count);
    espalier_philox_words((uint32_t *)y, drawn(0, INT64_MAX / 2), count, 1, 2, 3);
    espalier_philox_uniform(y, drawn(0, INT64_MAX / 2), count, 1, 2, 3);
    free(x);
    free(y);
    free(z);
}

void check_rows(void) {
    for (int i = 0; i < 60; i++) {
        int threads = 1 + i % 4;
        check_rows_of(drawn(1, 200), drawn(1, 300), threads);
        check_indices(drawn(1, 4), drawn(1, 300), drawn(1, 100), drawn(1, 400), threads);
        check_functions(drawn(1, 5000));
    }
}
