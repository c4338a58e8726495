/// How kernels are compiled.
///
/// KERNEL_CLONES: compile a function once per x86-64 level; the loader picks the best that the processor has.
///
/// Elsewhere (NEON is part of the AArch64 baseline; a C library without indirect functions) there is one version, and so
/// where the compiler is told that KERNEL_CLONES is nothing: ThreadSanitizer is not ready yet when the loader picks.
///
/// KERNEL_LOOP: make vector code of the loop that follows, with a warning where that cannot be done.
#pragma once

#include <stdint.h> // also tells whether the C library is glibc

#if defined(KERNEL_CLONES)
// As told.
#elif defined(__x86_64__) && defined(__GLIBC__)
#define KERNEL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL_CLONES
#endif

#ifdef __clang__
#define KERNEL_LOOP _Pragma("clang loop vectorize(enable)")
#else
#define KERNEL_LOOP
#endif
