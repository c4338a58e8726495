// Includes LEVEL_FILE for each level of vector instructions, and makes `level()` of the tables of functions, of type
// LEVEL_TABLE, that it defines; see levels.h.

#include "levels.h"

#define LEVEL(name) name##_basic
#define TARGET
#define LANES 4
#include LEVEL_FILE
#undef LEVEL
#undef TARGET
#undef LANES

#if defined(__x86_64__)
#define LEVEL(name) name##_v3
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 8
#include LEVEL_FILE
#undef LEVEL
#undef TARGET
#undef LANES

#define LEVEL(name) name##_v4
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 16
#include LEVEL_FILE
#undef LEVEL
#undef TARGET
#undef LANES
#endif

/// The functions for this processor.
static const LEVEL_TABLE *level(void) {
#if defined(__x86_64__)
    if (best_level() == level_v4) return &functions_v4;
    if (best_level() == level_v3) return &functions_v3;
#endif
    return &functions_basic;
}
