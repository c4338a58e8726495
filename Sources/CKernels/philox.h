/// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011), many blocks at once: random words by index.
///
/// word(index) = philox(counter = [block, block >> 32, stream, 0], key)[index % 4] with block = index / 4.
#pragma once

#include <stdint.h>
#include <string.h>

enum { philox_group_blocks = 16, philox_group_words = 4 * philox_group_blocks };

// A word while it is worked on; only the lower 32 bits count. On x86-64, whose vector product takes and gives 64 bits a
// lane, the wide one is twice as fast.
#ifdef __x86_64__
typedef uint64_t philox_lane;
#else
typedef uint32_t philox_lane;
#endif

/// The words of the `philox_group_blocks` blocks from `first` on.
static inline __attribute__((always_inline)) void philox_group(
    uint32_t *restrict output, uint64_t first, uint32_t stream, uint32_t key0, uint32_t key1) {
#ifdef __clang__
    // The ten rounds are one chain: two vectors at a time keep the processor busy. The cost model thinks too little of
    // 64-bit lanes on the x86-64 baseline, where they are twice as fast as scalars.
#pragma clang loop vectorize(enable) interleave_count(2)
#endif
    for (int block = 0; block < philox_group_blocks; block++) {
        uint64_t number = first + (uint64_t)block;
        philox_lane a = (philox_lane)number, b = (philox_lane)(number >> 32), c = stream, d = 0;
        uint32_t round_key0 = key0, round_key1 = key1;
        for (int round = 0; round < 10; round++) {
            uint64_t product = (uint64_t)(uint32_t)a * 0xD2511F53;
            uint64_t other = (uint64_t)(uint32_t)c * 0xCD9E8D57;
            a = (philox_lane)(other >> 32) ^ b ^ round_key0;
            b = (philox_lane)other;
            c = (philox_lane)(product >> 32) ^ d ^ round_key1;
            d = (philox_lane)product;
            round_key0 += 0x9E3779B9;
            round_key1 += 0xBB67AE85;
        }
        output[4 * block] = (uint32_t)a;
        output[4 * block + 1] = (uint32_t)b;
        output[4 * block + 2] = (uint32_t)c;
        output[4 * block + 3] = (uint32_t)d;
    }
}

/// Fills `output` with the words of `stream` under the key from number `start` on, `count` of them.
static inline __attribute__((always_inline)) void philox_words(
    uint32_t *restrict output, uint64_t start, long count, uint32_t stream, uint32_t key0, uint32_t key1) {
    while (count > 0) {
        uint32_t words[philox_group_words];
        philox_group(words, start / 4, stream, key0, key1);
        uint64_t skipped = start % 4;
        long taken = philox_group_words - (long)skipped;
        taken = taken < count ? taken : count;
        memcpy(output, words + skipped, (size_t)taken * sizeof *output);
        output += taken;
        start += (uint64_t)taken;
        count -= taken;
    }
}

/// The number in [0, 1) that the upper 24 bits of `word` stand for.
static inline __attribute__((always_inline)) float philox_uniform(uint32_t word) {
    return (float)(int32_t)(word >> 8) * 0x1p-24f;
}
