/// Work cut into tasks that the threads of a team take as they get free.
#pragma once

#include <stdint.h>

static inline int64_t divided_up(int64_t value, int64_t by) { return (value + by - 1) / by; }
static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// The number of the next task.
static inline int64_t take(int64_t *counter) { return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }
