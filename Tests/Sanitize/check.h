/// Random numbers, memory of exactly the size that is needed, and what to do when something is wrong.
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

void check_products(void);
void check_tile_programs(void);
void check_rows(void);
void check_team(void);

/// The state of a generator of random numbers (xorshift64*, Marsaglia 2003, Vigna 2016).
static uint64_t random_state = 0x9E3779B97F4A7C15;

/// A number in low...high.
static inline int64_t drawn(int64_t low, int64_t high) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return low + (int64_t)((random_state * 0x2545F4914F6CDD1D >> 11) % (uint64_t)(high - low + 1));
}

static inline int one_in(int64_t count) { return drawn(1, count) == 1; }

/// Memory for `count` numbers and not one more, so that the sanitizer sees what is read or written beside it.
static inline float *numbers(int64_t count) {
    float *memory = malloc((size_t)count * sizeof(float));
    for (int64_t i = 0; i < count; i++) memory[i] = (float)drawn(-1000, 1000) / 256;
    return memory;
}

static inline int32_t *indices(int64_t count, int64_t low, int64_t high) {
    int32_t *memory = malloc((size_t)count * sizeof(int32_t));
    for (int64_t i = 0; i < count; i++) memory[i] = (int32_t)drawn(low, high);
    return memory;
}

#define REQUIRE(condition)                                                           \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)
