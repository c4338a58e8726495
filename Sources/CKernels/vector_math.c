/// The functions of `vector_math.h` and `philox.h` over arrays.
#include "vector_math.h"

#include "clones.h"
#include "philox.h"
#include "vector_math_arrays.h"

#define DEFINE_ARRAY_FUNCTION(name)                                                                                   \
    KERNEL_CLONES void espalier_vm_##name(const float *input, float *output, long count) {                            \
        KERNEL_LOOP                                                                                                   \
        for (long i = 0; i < count; i++) output[i] = vm_##name(input[i]);                                             \
    }

DEFINE_ARRAY_FUNCTION(exp)
DEFINE_ARRAY_FUNCTION(expm1)
DEFINE_ARRAY_FUNCTION(log)
DEFINE_ARRAY_FUNCTION(log1p)
DEFINE_ARRAY_FUNCTION(tanh)
DEFINE_ARRAY_FUNCTION(sigmoid)
DEFINE_ARRAY_FUNCTION(erf)
DEFINE_ARRAY_FUNCTION(sin)
DEFINE_ARRAY_FUNCTION(cos)

KERNEL_CLONES void espalier_vm_pow(const float *base, const float *exponent, float *output, long count) {
    KERNEL_LOOP
    for (long i = 0; i < count; i++) output[i] = vm_pow(base[i], exponent[i]);
}

KERNEL_CLONES void espalier_philox_words(
    uint32_t *output, long start, long count, uint32_t stream, uint32_t key0, uint32_t key1) {
    philox_words(output, (uint64_t)start, count, stream, key0, key1);
}

KERNEL_CLONES void espalier_philox_uniform(
    float *output, long start, long count, uint32_t stream, uint32_t key0, uint32_t key1) {
    uint32_t words[philox_group_words];
    for (long i = 0; i < count; i += philox_group_words) {
        long taken = count - i < philox_group_words ? count - i : philox_group_words;
        philox_words(words, (uint64_t)(start + i), taken, stream, key0, key1);
        KERNEL_LOOP
        for (long j = 0; j < taken; j++) output[i + j] = philox_uniform(words[j]);
    }
}
