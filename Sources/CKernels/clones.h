/// KERNEL_CLONES: compile a function once per x86-64 level; the loader picks the best that the processor has.
///
/// Elsewhere (NEON is part of the AArch64 baseline; a C library without indirect functions) there is one version.
#pragma once

#include <stdint.h> // also tells whether the C library is glibc

#if defined(__x86_64__) && defined(__GLIBC__)
#define KERNEL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL_CLONES
#endif
