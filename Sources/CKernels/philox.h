/// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011), many blocks at once: random words by index.
///
/// word(index) = philox(counter = [block, block >> 32, stream, 0], key)[index % 4] with block = index / 4.
#pragma once

#include <stdint.h>
#include <string.h>

enum { philox_group_blocks = 16, philox_group_words = 4 * philox_group_blocks };

/// The words of the `philox_group_blocks` blocks from `first` on.
static inline __attribute__((always_inline)) void philox_group(
    uint32_t *restrict output, uint64_t first, uint32_t stream, uint32_t key0, uint32_t key1) {
    // A lane per block, 64 bits wide as the products are; only the lower halves of the four words count.
    uint64_t a[philox_group_blocks], b[philox_group_blocks], c[philox_group_blocks], d[philox_group_blocks];
    for (int lane = 0; lane < philox_group_blocks; lane++) {
        a[lane] = first + (uint64_t)lane;
        b[lane] = a[lane] >> 32;
        c[lane] = stream;
        d[lane] = 0;
    }
    for (int round = 0; round < 10; round++) {
        for (int lane = 0; lane < philox_group_blocks; lane++) {
            uint64_t product = (a[lane] & 0xFFFFFFFF) * 0xD2511F53;
            uint64_t other = (c[lane] & 0xFFFFFFFF) * 0xCD9E8D57;
            a[lane] = other >> 32 ^ b[lane] ^ key0;
            b[lane] = other;
            c[lane] = product >> 32 ^ d[lane] ^ key1;
            d[lane] = product;
        }
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    for (int lane = 0; lane < philox_group_blocks; lane++) {
        output[4 * lane] = (uint32_t)a[lane];
        output[4 * lane + 1] = (uint32_t)b[lane];
        output[4 * lane + 2] = (uint32_t)c[lane];
        output[4 * lane + 3] = (uint32_t)d[lane];
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
