/// Random numbers, memory of exactly the size that is needed, and what to do when something is wrong.
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

void check_team(void);
void check_products(void);
void check_convolutions(void);
void check_poolings(void);
void check_recurrences(void);
void check_attention(void);
void check_tile_programs(void);
void check_rows(void);
void check_axes(void);

/// For loops that are not what is checked, and would be slow: those that draw numbers, or say what a result should be.
#define UNCHECKED __attribute__((no_sanitize("address", "thread", "undefined")))

/// The state of a generator of random numbers (xorshift64*, Marsaglia 2003, Vigna 2016).
static uint64_t random_state = 0x9E3779B97F4A7C15;

/// A number in low...high.
UNCHECKED static inline int64_t drawn(int64_t low, int64_t high) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return low + (int64_t)((random_state * 0x2545F4914F6CDD1D >> 11) % (uint64_t)(high - low + 1));
}

static inline int one_in(int64_t count) { return drawn(1, count) == 1; }

static inline void shuffle(int *order, int count) {
    for (int i = count - 1; i > 0; i--) {
        int64_t other = drawn(0, i);
        int axis = order[i];
        order[i] = order[other];
        order[other] = axis;
    }
}

/// Memory for `count` numbers and not one more, so that the sanitizer sees what is read or written beside it.
UNCHECKED static inline float *numbers(int64_t count) {
    float *memory = malloc((size_t)count * sizeof(float));
    for (int64_t i = 0; i < count; i++) memory[i] = (float)drawn(-1000, 1000) / 256;
    return memory;
}

/// Scratch memory as the engine gives it, on a cache line of its own. What is read before it is written is no number.
UNCHECKED static inline float *scratch(int64_t count) {
    void *memory;
    if (posix_memalign(&memory, 64, (size_t)count * sizeof(float)) != 0) abort();
    for (int64_t i = 0; i < count; i++) ((float *)memory)[i] = NAN;
    return memory;
}

static inline int32_t *indices(int64_t count, int64_t low, int64_t high) {
    int32_t *memory = malloc((size_t)count * sizeof(int32_t));
    for (int64_t i = 0; i < count; i++) memory[i] = (int32_t)drawn(low, high);
    return memory;
}

/// Lays out axes in the order of `order`, with gaps, and returns how many elements they span.
static inline int64_t lay_out(const int64_t *extents, int64_t *strides, const int *order, int axes, int64_t first) {
    int64_t span = first, count = 1;
    for (int i = 0; i < axes; i++) {
        int axis = order[i];
        strides[axis] = span;
        count += (extents[axis] - 1) * span;
        span = span * extents[axis] + (one_in(2) ? 0 : drawn(1, 3));
    }
    return count;
}

/// What a sum in single precision should be.
typedef struct {
    double sum, magnitude;
    int64_t terms;
} total;

UNCHECKED static inline void add_term(total *sum, double term) {
    sum->sum += term;
    sum->magnitude += fabs(term);
    sum->terms++;
}

static inline int is_within(float value, double expected, double margin) {
    return (double)value == expected || (isnan(value) && isnan(expected)) || fabs((double)value - expected) <= margin;
}

/// Rounding carries a sum of products by (terms + 3) 2^-24 of what is summed at most. As it goes both ways, it hardly
/// ever comes to more than 8 sqrt(terms) 2^-24.
static inline int is_near(float value, const total *sum) {
    double roundings = fmin((double)sum->terms + 3, 8 * sqrt((double)sum->terms));
    return is_within(value, sum->sum, roundings * 0x1p-24 * sum->magnitude);
}

#define REQUIRE(condition)                                                           \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)
