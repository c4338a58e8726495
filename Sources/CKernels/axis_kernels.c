/// Running sums, elements by their indices, and sorting, along one axis.
#include "axis_kernels.h"

#include <string.h>

#include "clones.h"
#include "team.h"

/// So many neighbouring lines are walked together.
enum { block = 64 };

/// Below so many elements waking the team costs more than it saves.
enum { smallest_shared = 32768 };

static int members_for(int64_t elements, int64_t tasks, int threads) {
    return elements < smallest_shared ? 1 : tasks < threads ? (int)tasks : threads;
}

typedef struct {
    const float *x;
    const int32_t *indices;
    float *y;
    int64_t outer, extent, inner, count;
    int flag;
} axis_work;

static int64_t blocks(const axis_work *work) { return (work->inner + block - 1) / block; }

static int64_t width_from(const axis_work *work, int64_t column) {
    return work->inner - column < block ? work->inner - column : block;
}

// Running sums

KERNEL_CLONES void espalier_cumulative_sum_tasks(const axis_work *work, int64_t begin, int64_t end) {
    int64_t inner = work->inner, extent = work->extent;
    int64_t step = work->flag ? -inner : inner, first = work->flag ? (extent - 1) * inner : 0;
    for (int64_t task = begin; task < end; task++) {
        int64_t column = task % blocks(work) * block, width = width_from(work, column);
        int64_t start = task / blocks(work) * extent * inner + first + column;
        const float *x = work->x + start;
        float *y = work->y + start;
        double sums[block] = {0};
        for (int64_t i = 0; i < extent; i++, x += step, y += step) {
            for (int64_t j = 0; j < width; j++) y[j] = (float)(sums[j] += (double)x[j]);
        }
    }
}

static void cumulative_sum_member(void *context, int member, int members) {
    const axis_work *work = context;
    int64_t tasks = work->outer * blocks(work);
    espalier_cumulative_sum_tasks(work, tasks * member / members, tasks * (member + 1) / members);
}

void espalier_cumulative_sum(
    const float *x, float *y, int64_t outer, int64_t extent, int64_t inner, int reversed, int threads) {
    axis_work work = {x, 0, y, outer, extent, inner, extent, reversed};
    espalier_team_run(
        members_for(outer * extent * inner, outer * blocks(&work), threads), cumulative_sum_member, &work);
}

// Elements by their indices

static int64_t first_outside(const int32_t *indices, int64_t count, int64_t extent) {
    for (int64_t i = 0; i < count; i++) {
        if (indices[i] < 0 || indices[i] >= extent) return i;
    }
    return -1;
}

static void take_member(void *context, int member, int members) {
    const axis_work *work = context;
    int64_t inner = work->inner, lines = work->outer * work->count;
    for (int64_t i = lines * member / members; i < lines * (member + 1) / members; i++) {
        const float *x = work->x + i / work->count * work->extent * inner;
        const int32_t *indices = work->indices + i * inner;
        float *y = work->y + i * inner;
        for (int64_t j = 0; j < inner; j++) y[j] = x[indices[j] * inner + j];
    }
}

int64_t espalier_take_along_axis(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads) {
    int64_t elements = outer * count * inner, outside = first_outside(indices, elements, extent);
    if (outside >= 0) return outside;
    axis_work work = {x, indices, y, outer, extent, inner, count, 0};
    espalier_team_run(members_for(elements, outer * count, threads), take_member, &work);
    return -1;
}

/// A task is all that goes to one block of neighbouring lines, so that the order of additions is always the same.
static void add_member(void *context, int member, int members) {
    const axis_work *work = context;
    int64_t inner = work->inner, tasks = work->outer * blocks(work);
    for (int64_t task = tasks * member / members; task < tasks * (member + 1) / members; task++) {
        int64_t outer = task / blocks(work), column = task % blocks(work) * block, width = width_from(work, column);
        float *y = work->y + outer * work->extent * inner + column;
        for (int64_t i = 0; i < work->extent; i++) memset(y + i * inner, 0, (size_t)width * sizeof(float));
        for (int64_t i = 0; i < work->count; i++) {
            int64_t line = (outer * work->count + i) * inner + column;
            for (int64_t j = 0; j < width; j++) y[work->indices[line + j] * inner + j] += work->x[line + j];
        }
    }
}

int64_t espalier_add_along_axis(
    const float *x, const int32_t *indices, float *y, int64_t outer, int64_t extent, int64_t inner, int64_t count,
    int threads) {
    int64_t elements = outer * count * inner, outside = first_outside(indices, elements, extent);
    if (outside >= 0) return outside;
    axis_work work = {x, indices, y, outer, extent, inner, count, 0};
    espalier_team_run(members_for(elements, outer * blocks(&work), threads), add_member, &work);
    return -1;
}

// Sorting

typedef struct {
    const float *x;
    /// All ones to sort in falling order.
    uint32_t flip;
} sort_keys;

/// A number that is less where element `index` comes earlier: no two are equal, so that any way of sorting keeps the
/// order of equal elements.
static inline uint64_t sort_key(sort_keys keys, int32_t index) {
    // A negative zero is a zero.
    float value = keys.x[index] + 0.0f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    // Floats are in order as whole numbers of sign and magnitude.
    bits = value != value ? UINT32_MAX : bits >> 31 ? ~bits : bits | 0x80000000u;
    return (uint64_t)(bits ^ keys.flip) << 32 | (uint32_t)index;
}

/// Lets the element at `root` sink in a heap whose top comes last in order.
static void sink(sort_keys keys, int32_t *heap, int64_t root, int64_t count) {
    int32_t element = heap[root];
    uint64_t key = sort_key(keys, element);
    for (int64_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && sort_key(keys, heap[child + 1]) > sort_key(keys, heap[child])) child++;
        if (sort_key(keys, heap[child]) < key) break;
        heap[root] = heap[child];
    }
    heap[root] = element;
}

static void make_heap(sort_keys keys, int32_t *y, int64_t count) {
    for (int64_t root = count / 2 - 1; root >= 0; root--) sink(keys, y, root, count);
}

static void sort_heap(sort_keys keys, int32_t *y, int64_t count) {
    for (int64_t last = count - 1; last > 0; last--) {
        int32_t top = y[0];
        y[0] = y[last];
        y[last] = top;
        sink(keys, y, 0, last);
    }
}

static void sort_by_insertion(sort_keys keys, int32_t *y, int64_t count) {
    for (int64_t i = 1; i < count; i++) {
        int32_t element = y[i];
        uint64_t key = sort_key(keys, element);
        int64_t j = i;
        for (; j > 0 && sort_key(keys, y[j - 1]) > key; j--) y[j] = y[j - 1];
        y[j] = element;
    }
}

/// Quicksort; a heap where it is unlucky too often, insertion where little is left (Musser 1997, introsort).
static void sort_indices(sort_keys keys, int32_t *y, int64_t count, int depth) {
    while (count > 24) {
        if (depth-- == 0) {
            make_heap(keys, y, count);
            sort_heap(keys, y, count);
            return;
        }
        uint64_t a = sort_key(keys, y[0]), b = sort_key(keys, y[count / 2]), c = sort_key(keys, y[count - 1]);
        uint64_t low = a < b ? a : b, high = a < b ? b : a, pivot = c < low ? low : c > high ? high : c;
        int64_t i = -1, j = count;
        while (1) {
            do i++; while (sort_key(keys, y[i]) < pivot);
            do j--; while (sort_key(keys, y[j]) > pivot);
            if (i >= j) break;
            int32_t element = y[i];
            y[i] = y[j];
            y[j] = element;
        }
        // The shorter part is sorted first, so that the stack stays small.
        int64_t left = j + 1, right = count - left;
        if (left < right) {
            sort_indices(keys, y, left, depth);
            y += left;
            count = right;
        } else {
            sort_indices(keys, y + left, right, depth);
            count = left;
        }
    }
    sort_by_insertion(keys, y, count);
}

static void sort_member(void *context, int member, int members) {
    const axis_work *work = context;
    int64_t width = work->extent, count = work->count;
    for (int64_t row = work->outer * member / members; row < work->outer * (member + 1) / members; row++) {
        sort_keys keys = {work->x + row * width, work->flag ? UINT32_MAX : 0};
        int32_t *y = (int32_t *)work->y + row * count;
        for (int64_t i = 0; i < count; i++) y[i] = (int32_t)i;
        if (count == width) {
            int depth = 0;
            for (int64_t rest = width; rest > 0; rest >>= 1) depth += 2;
            sort_indices(keys, y, count, depth);
            continue;
        }
        // The first so far are a heap; whatever comes before its last takes that one's place.
        make_heap(keys, y, count);
        for (int64_t i = count; i < width; i++) {
            if (count == 0 || sort_key(keys, (int32_t)i) > sort_key(keys, y[0])) continue;
            y[0] = (int32_t)i;
            sink(keys, y, 0, count);
        }
        sort_heap(keys, y, count);
    }
}

void espalier_argument_sort(
    const float *x, int32_t *y, int64_t rows, int64_t width, int64_t count, int descending, int threads) {
    axis_work work = {x, 0, (float *)y, rows, width, 1, count, descending};
    espalier_team_run(members_for(rows * width, rows, threads), sort_member, &work);
}
