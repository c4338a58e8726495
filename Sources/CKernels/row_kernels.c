/// Softmax and its relatives by rows; gather and scatter-add.
#include "row_kernels.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "team.h"
#include "vector_math.h"

typedef enum { row_softmax, row_log_softmax, row_cross_entropy, row_argument_maximum } row_operation;

typedef struct {
    row_operation operation;
    const float *x;
    const int32_t *labels;
    float *y;
    int64_t rows, width;
} row_work;

static inline __attribute__((always_inline)) float row_maximum(const float *x, int64_t width) {
    float largest = -INFINITY;
    for (int64_t i = 0; i < width; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
}

/// log(sum(exp(x - largest))), summed in double precision.
static inline __attribute__((always_inline)) float row_log_sum(const float *x, int64_t width, float largest) {
    double sum = 0;
    for (int64_t i = 0; i < width; i++) sum += (double)vm_exp(x[i] - largest);
    return (float)log(sum);
}

KERNEL_CLONES void espalier_run_rows(const row_work *work, int64_t begin, int64_t end) {
    int64_t width = work->width;
    for (int64_t row = begin; row < end; row++) {
        const float *x = work->x + row * width;
        if (work->operation == row_argument_maximum) {
            int64_t best = 0;
            for (int64_t i = 1; i < width && x[best] == x[best]; i++) best = x[i] > x[best] || x[i] != x[i] ? i : best;
            ((int32_t *)work->y)[row] = (int32_t)best;
            continue;
        }
        float largest = row_maximum(x, width);
        if (work->operation == row_softmax) {
            float *y = work->y + row * width;
            double sum = 0;
            for (int64_t i = 0; i < width; i++) y[i] = vm_exp(x[i] - largest);
            for (int64_t i = 0; i < width; i++) sum += (double)y[i];
            float scale = (float)(1.0 / sum);
            for (int64_t i = 0; i < width; i++) y[i] *= scale;
        } else if (work->operation == row_log_softmax) {
            float *y = work->y + row * width, logarithm = row_log_sum(x, width, largest);
            for (int64_t i = 0; i < width; i++) y[i] = (x[i] - largest) - logarithm;
        } else {
            int32_t label = work->labels[row];
            if (label >= 0 && label < width) {
                work->y[row] = row_log_sum(x, width, largest) - (x[label] - largest);
            }
        }
    }
}

static void run_member(void *context, int member, int members) {
    const row_work *work = context;
    espalier_run_rows(work, work->rows * member / members, work->rows * (member + 1) / members);
}

static void run(row_work work, int threads) {
    // Below some ten thousand elements waking the team costs more than it saves.
    int members = work.rows * work.width < 16384 ? 1 : work.rows < threads ? (int)work.rows : threads;
    espalier_team_run(members, run_member, &work);
}

void espalier_softmax(const float *x, float *y, int64_t rows, int64_t width, int threads) {
    run((row_work){row_softmax, x, 0, y, rows, width}, threads);
}

void espalier_log_softmax(const float *x, float *y, int64_t rows, int64_t width, int threads) {
    run((row_work){row_log_softmax, x, 0, y, rows, width}, threads);
}

int64_t espalier_cross_entropy(
    const float *x, const int32_t *labels, float *losses, int64_t rows, int64_t width, int threads) {
    run((row_work){row_cross_entropy, x, labels, losses, rows, width}, threads);
    for (int64_t row = 0; row < rows; row++) {
        if (labels[row] < 0 || labels[row] >= width) return row;
    }
    return -1;
}

void espalier_argument_maximum(const float *x, int32_t *y, int64_t rows, int64_t width, int threads) {
    run((row_work){row_argument_maximum, x, 0, (float *)y, rows, width}, threads);
}

// Indices

static int64_t first_outside(const int32_t *indices, int64_t count, int64_t extent) {
    for (int64_t i = 0; i < count; i++) {
        if (indices[i] < 0 || indices[i] >= extent) return i;
    }
    return -1;
}

typedef struct {
    const float *x;
    const int32_t *indices;
    float *y;
    int64_t outer, extent, inner, count;
} gather_work;

static void gather_member(void *context, int member, int members) {
    const gather_work *work = context;
    int64_t total = work->outer * work->count;
    for (int64_t i = total * member / members; i < total * (member + 1) / members; i++) {
        int64_t outer = i / work->count, index = work->indices[i % work->count];
        memcpy(
            work->y + i * work->inner, work->x + (outer * work->extent + index) * work->inner,
            (size_t)work->inner * sizeof(float));
    }
}

int64_t espalier_gather(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads) {
    int64_t outside = first_outside(indices, count, extent);
    if (outside >= 0) return outside;
    gather_work work = {x, indices, y, outer, extent, inner, count};
    espalier_team_run(outer * count * inner < 65536 ? 1 : threads, gather_member, &work);
    return -1;
}

/// Every member adds a range of columns, in the order of the indices.
static void scatter_member(void *context, int member, int members) {
    const gather_work *work = context;
    int64_t begin = work->inner * member / members, width = work->inner * (member + 1) / members - begin;
    for (int64_t o = 0; o < work->outer; o++) {
        float *target = work->y + o * work->extent * work->inner + begin;
        const float *source = work->x + o * work->count * work->inner + begin;
        for (int64_t i = 0; i < work->extent; i++) {
            memset(target + i * work->inner, 0, (size_t)width * sizeof *target);
        }
        for (int64_t i = 0; i < work->count; i++, source += work->inner) {
            float *row = target + work->indices[i] * work->inner;
            for (int64_t j = 0; j < width; j++) row[j] += source[j];
        }
    }
}

int64_t espalier_scatter_add(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads) {
    int64_t outside = first_outside(indices, count, extent);
    if (outside >= 0) return outside;
    gather_work work = {x, indices, y, outer, extent, inner, count};
    int64_t members = inner / 16 < threads ? inner / 16 : threads;
    espalier_team_run(outer * (count + extent) * inner < 65536 ? 1 : (int)members, scatter_member, &work);
    return -1;
}
