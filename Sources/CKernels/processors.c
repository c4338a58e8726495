#define _GNU_SOURCE
#include "processors.h"

#include <sched.h>

int espalier_allowed_processors(void) {
    // The system refuses a set that has no room for every processor it knows of.
    for (int room = 1024; room <= 1 << 20; room *= 2) {
        cpu_set_t *set = CPU_ALLOC(room);
        if (!set) return 0;
        const size_t bytes = CPU_ALLOC_SIZE(room);
        const int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0) return count;
    }
    return 0;
}
