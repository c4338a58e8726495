/// Pooling as loops over windows, vectors over channels.
///
/// Forward, a task is one row of windows of a sample; backward, where windows that overlap add to the same places, a
/// block of channels of a whole sample. Either way every sum has one order, whoever does the task.
#include "pooling_kernels.h"

#include <string.h>

#include "clones.h"
#include "team.h"

typedef espalier_pooling work_t;

enum { block = 64 }; // channels at a time: what is kept for them stays in the first-level cache

/// A window of a sample, and the channels of it that are worked on.
typedef struct {
    int64_t sample, index[3];
    int64_t channel, width;
} window_t;

/// For every element of the window: `offset` is where its channels begin in a signal of the whole extents.
#define FOR_EACH_ELEMENT(work, window, offset)                                                              \
    for (int64_t e0 = (work)->axes[0].starts[(window)->index[0]]; e0 < (work)->axes[0].ends[(window)->index[0]]; \
         e0 += (work)->axes[0].step)                                                                        \
        for (int64_t e1 = (work)->axes[1].starts[(window)->index[1]];                                       \
             e1 < (work)->axes[1].ends[(window)->index[1]]; e1 += (work)->axes[1].step)                     \
            for (int64_t e2 = (work)->axes[2].starts[(window)->index[2]],                                   \
                         offset = element_offset(work, window, e0, e1, e2);                                 \
                 e2 < (work)->axes[2].ends[(window)->index[2]];                                             \
                 e2 += (work)->axes[2].step, offset = element_offset(work, window, e0, e1, e2))

static inline int64_t element_offset(const work_t *w, const window_t *at, int64_t e0, int64_t e1, int64_t e2) {
    int64_t place = ((at->sample * w->axes[0].extent + e0) * w->axes[1].extent + e1) * w->axes[2].extent + e2;
    return place * w->channels + at->channel;
}

static inline int64_t window_offset(const work_t *w, const window_t *at) {
    int64_t place = (at->sample * w->axes[0].count + at->index[0]) * w->axes[1].count + at->index[1];
    return (place * w->axes[2].count + at->index[2]) * w->channels + at->channel;
}

/// The largest element of each channel, and where it lies.
static inline __attribute__((always_inline)) void find_maxima(
    const work_t *w, const window_t *at, float *restrict best, int32_t *restrict place) {
    int first = 1;
    int64_t origin = at->sample * w->axes[0].extent * w->axes[1].extent * w->axes[2].extent * w->channels;
    FOR_EACH_ELEMENT(w, at, offset) {
        const float *x = w->x + offset;
        int32_t here = (int32_t)((offset - origin - at->channel) / w->channels);
        if (first) {
            for (int64_t c = 0; c < at->width; c++) best[c] = x[c], place[c] = here;
            first = 0;
            continue;
        }
        for (int64_t c = 0; c < at->width; c++) {
            // A NaN is no less than anything, and nothing follows a NaN.
            int wins = !(x[c] <= best[c]) & (best[c] == best[c]);
            best[c] = wins ? x[c] : best[c];
            place[c] = wins ? here : place[c];
        }
    }
}

static inline float share(const work_t *w, const window_t *at) {
    return w->axes[0].shares[at->index[0]] * w->axes[1].shares[at->index[1]] * w->axes[2].shares[at->index[2]];
}

static inline __attribute__((always_inline)) void pool_maximum(const work_t *w, const window_t *at) {
    float best[block];
    int32_t place[block];
    float *result = w->result + window_offset(w, at);
    find_maxima(w, at, best, place);
    if (w->values == w->x) {
        memcpy(result, best, (size_t)at->width * sizeof(float));
        return;
    }
    int64_t elements = w->axes[0].extent * w->axes[1].extent * w->axes[2].extent;
    const float *values = w->values + at->sample * elements * w->channels + at->channel;
    for (int64_t c = 0; c < at->width; c++) result[c] = values[place[c] * w->channels + c];
}

static inline __attribute__((always_inline)) void spread_maximum(const work_t *w, const window_t *at) {
    float best[block];
    int32_t place[block];
    find_maxima(w, at, best, place);
    int64_t elements = w->axes[0].extent * w->axes[1].extent * w->axes[2].extent;
    float *result = w->result + at->sample * elements * w->channels + at->channel;
    const float *values = w->values + window_offset(w, at);
    for (int64_t c = 0; c < at->width; c++) result[place[c] * w->channels + c] += values[c];
}

static inline __attribute__((always_inline)) void pool_average(const work_t *w, const window_t *at) {
    float sum[block] = {0}, factor = share(w, at);
    FOR_EACH_ELEMENT(w, at, offset) {
        const float *values = w->values + offset;
        for (int64_t c = 0; c < at->width; c++) sum[c] += values[c];
    }
    float *result = w->result + window_offset(w, at);
    for (int64_t c = 0; c < at->width; c++) result[c] = sum[c] * factor;
}

static inline __attribute__((always_inline)) void spread_average(const work_t *w, const window_t *at) {
    float part[block], factor = share(w, at);
    const float *values = w->values + window_offset(w, at);
    for (int64_t c = 0; c < at->width; c++) part[c] = values[c] * factor;
    FOR_EACH_ELEMENT(w, at, offset) {
        float *result = w->result + offset;
        for (int64_t c = 0; c < at->width; c++) result[c] += part[c];
    }
}

/// Rows of windows from `begin` to `end`; a row has one place along the first two axes.
#define POOL_ROWS(name, pool)                                                                          \
    KERNEL_CLONES void name(const work_t *w, int64_t begin, int64_t end) {                             \
        for (int64_t row = begin; row < end; row++) {                                                  \
            window_t at = {.index = {row / w->axes[1].count % w->axes[0].count, row % w->axes[1].count}}; \
            at.sample = row / (w->axes[0].count * w->axes[1].count);                                   \
            for (at.index[2] = 0; at.index[2] < w->axes[2].count; at.index[2]++) {                     \
                for (at.channel = 0; at.channel < w->channels; at.channel += block) {                  \
                    at.width = w->channels - at.channel < block ? w->channels - at.channel : block;    \
                    pool(w, &at);                                                                      \
                }                                                                                      \
            }                                                                                          \
        }                                                                                              \
    }

POOL_ROWS(espalier_maximum_pool_rows, pool_maximum)
POOL_ROWS(espalier_average_pool_rows, pool_average)

/// Sets a block of channels of a whole sample to zero.
static inline __attribute__((always_inline)) void clear(const work_t *w, const window_t *at) {
    int64_t elements = w->axes[0].extent * w->axes[1].extent * w->axes[2].extent;
    float *result = w->result + at->sample * elements * w->channels + at->channel;
    for (int64_t i = 0; i < elements; i++) memset(result + i * w->channels, 0, (size_t)at->width * sizeof(float));
}

/// Blocks of channels of samples from `begin` to `end`.
#define SPREAD_BLOCKS(name, spread)                                                             \
    KERNEL_CLONES void name(const work_t *w, int64_t begin, int64_t end) {                      \
        int64_t blocks = (w->channels + block - 1) / block;                                     \
        for (int64_t task = begin; task < end; task++) {                                        \
            window_t at = {.sample = task / blocks, .channel = task % blocks * block};          \
            at.width = w->channels - at.channel < block ? w->channels - at.channel : block;     \
            clear(w, &at);                                                                      \
            for (at.index[0] = 0; at.index[0] < w->axes[0].count; at.index[0]++)                \
                for (at.index[1] = 0; at.index[1] < w->axes[1].count; at.index[1]++)            \
                    for (at.index[2] = 0; at.index[2] < w->axes[2].count; at.index[2]++) spread(w, &at); \
        }                                                                                       \
    }

SPREAD_BLOCKS(espalier_maximum_pool_gradient_blocks, spread_maximum)
SPREAD_BLOCKS(espalier_average_pool_gradient_blocks, spread_average)

typedef struct {
    const work_t *work;
    void (*function)(const work_t *work, int64_t begin, int64_t end);
    int64_t tasks;
} range_task;

static void run_member(void *context, int member, int members) {
    const range_task *task = context;
    task->function(task->work, task->tasks * member / members, task->tasks * (member + 1) / members);
}

static void run(const work_t *w, void (*function)(const work_t *, int64_t, int64_t), int64_t tasks, int threads) {
    range_task task = {w, function, tasks};
    int64_t elements = w->samples * w->axes[0].extent * w->axes[1].extent * w->axes[2].extent * w->channels;
    // Below some ten thousand elements waking the team costs more than it saves.
    espalier_team_run(elements < 16384 ? 1 : tasks < threads ? (int)tasks : threads, run_member, &task);
}

static int64_t rows(const work_t *w) { return w->samples * w->axes[0].count * w->axes[1].count; }
static int64_t blocks(const work_t *w) { return w->samples * ((w->channels + block - 1) / block); }

void espalier_maximum_pool(const work_t *work, int threads) {
    run(work, espalier_maximum_pool_rows, rows(work), threads);
}

void espalier_maximum_pool_gradient(const work_t *work, int threads) {
    run(work, espalier_maximum_pool_gradient_blocks, blocks(work), threads);
}

void espalier_average_pool(const work_t *work, int threads) {
    run(work, espalier_average_pool_rows, rows(work), threads);
}

void espalier_average_pool_gradient(const work_t *work, int threads) {
    run(work, espalier_average_pool_gradient_blocks, blocks(work), threads);
}
