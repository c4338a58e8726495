/// Counts what the calling thread asks of the allocator. Linked into a test, it stands before the C library's
/// functions for the whole process, shared libraries included.
#pragma once

#include <stdint.h>

/// How often this thread has called malloc, calloc, realloc, posix_memalign, aligned_alloc or memalign so far; -1 where
/// calls are not counted.
int64_t allocation_counter_value(void);
