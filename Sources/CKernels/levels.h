/// The level of vector instructions that the processor has, for kernels that hold their sums in registers.
///
/// Such a kernel is written once, in a file that is included for each level with these defined:
/// LEVEL(name): the name of a function at this level; TARGET: its attribute; LANES: floats in a vector.
#pragma once

#include <stdint.h>

typedef enum { level_basic, level_v3, level_v4 } instruction_level;

static inline instruction_level best_level(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
        return level_v4;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
        return level_v3;
    }
#endif
    return level_basic;
}

/// Rows of a register tile: with two vectors a row, the sums and what they take in fill 16 vector registers.
enum { tile_rows = 6 };

/// What becomes of a register tile's sums: c = ReLU?((adds ? c : 0) + sum + bias?), over `columns` columns.
typedef struct {
    const float *bias;
    int adds, relu;
    int64_t columns;
} tile_sink;
