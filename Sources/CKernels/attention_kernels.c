/// Scaled dot-product attention and its gradient, a block of queries at a time (Dao et al. 2022, "FlashAttention").
///
/// The queries of a block lie across the lanes of two vectors. What runs along keys (maxima, sums, products) is then
/// plain vector arithmetic, and keys and values are read where they lie, one element at a time for all lanes.
#include "attention_kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "clones.h"
#include "tasks.h"
#include "team.h"
#include "vector_math.h"

enum {
    lanes = 16,
    block = 2 * lanes, ///< queries that are worked on together
    key_block = 64,    ///< keys whose scores are kept at once
    unroll = 4,        ///< rows of a product that share a load
};

typedef float vector __attribute__((vector_size(lanes * sizeof(float)), may_alias));

#define INLINE static inline __attribute__((always_inline))

static int64_t rounded_up(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

// Products. A tile holds the scores of keys: [key][query lane]. All memory but that of operands is aligned. Sums of four
// rows by one vector fit in the sixteen registers of AVX2 and keep both of its multipliers busy.

/// tile[j][:] = sum_d x[j][d] y[d][:] for `rows` rows of x; the tile has room for a multiple of `unroll`.
INLINE void multiply_rows(const float *x, int64_t step, int64_t rows, const float *y, int64_t width, float *tile) {
    for (int64_t j = 0; j < rows; j += unroll) {
        const float *row[unroll];
        for (int a = 0; a < unroll; a++) row[a] = x + smaller(j + a, rows - 1) * step;
        for (int lane = 0; lane < block; lane += lanes) {
            vector sum[unroll] = {0};
            for (int64_t d = 0; d < width; d++) {
                vector part = *(const vector *)(y + d * block + lane);
                for (int a = 0; a < unroll; a++) sum[a] += part * row[a][d];
            }
            for (int a = 0; a < unroll; a++) *(vector *)(tile + (j + a) * block + lane) = sum[a];
        }
    }
}

/// y[d][:] += sum_j x[j][d] tile[j][:] for `count` neighbouring d.
INLINE void add_columns(const float *x, int64_t step, int64_t rows, const float *tile, float *y, int count) {
    for (int lane = 0; lane < block; lane += lanes) {
        vector sum[unroll];
        for (int a = 0; a < count; a++) sum[a] = *(const vector *)(y + a * block + lane);
        for (int64_t j = 0; j < rows; j++) {
            vector part = *(const vector *)(tile + j * block + lane);
            for (int a = 0; a < count; a++) sum[a] += part * x[j * step + a];
        }
        for (int a = 0; a < count; a++) *(vector *)(y + a * block + lane) = sum[a];
    }
}

/// y[d][:] += sum_j x[j][d] tile[j][:] for all d.
INLINE void multiply_columns(const float *x, int64_t step, int64_t rows, int64_t width, const float *tile, float *y) {
    int64_t d = 0;
    for (; d + unroll <= width; d += unroll) add_columns(x + d, step, rows, tile, y + d * block, unroll);
    for (; d < width; d++) add_columns(x + d, step, rows, tile, y + d * block, 1);
}

/// r[j][:] += sum_i tile[j][i] y[i][:]; rows are a multiple of `unroll`, the width is one of `lanes`.
INLINE void multiply_tile(const float *tile, int64_t rows, const float *y, int64_t width, float *r) {
    for (int64_t j = 0; j < rows; j += unroll) {
        for (int64_t column = 0; column < width; column += lanes) {
            vector sum[unroll];
            for (int a = 0; a < unroll; a++) sum[a] = *(const vector *)(r + (j + a) * width + column);
            for (int i = 0; i < block; i++) {
                vector part = *(const vector *)(y + i * width + column);
                for (int a = 0; a < unroll; a++) sum[a] += part * tile[(j + a) * block + i];
            }
            for (int a = 0; a < unroll; a++) *(vector *)(r + (j + a) * width + column) = sum[a];
        }
    }
}

// Blocks

INLINE const float *vectors(const espalier_heads *heads, int64_t b, int64_t h, int64_t step) {
    return heads->address + b * heads->batch + step * heads->step + h * heads->head;
}

/// Takes `count` vectors across the lanes: y[d][i] = factor x[i][d], zero for i beyond the last.
INLINE void transpose_in(const float *x, int64_t step, int64_t count, int64_t width, float factor, float *y) {
    for (int64_t d = 0; d < width; d++) {
        for (int64_t i = 0; i < block; i++) y[d * block + i] = i < count ? factor * x[i * step + d] : 0.0f;
    }
}

/// Copies `count` vectors to rows of `padded` elements, filled up with zeros, as are missing rows.
INLINE void copy_in(
    const float *x, int64_t step, int64_t count, int64_t width, int64_t padded, float factor, float *y) {
    memset(y, 0, (size_t)(block * padded) * sizeof *y);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t d = 0; d < width; d++) y[i * padded + d] = factor * x[i * step + d];
    }
}

/// How many keys the queries before `end` of sample b may see.
INLINE int64_t visible_keys(const espalier_attention *work, int64_t b, int64_t end) {
    int64_t count = work->keys;
    if (work->causal) count = smaller(count, end);
    if (work->lengths) {
        float length = work->lengths[b * work->lengths_stride];
        // Key j is seen where j < length.
        if (!(length > (float)(count - 1))) count = length > 0 ? (int64_t)ceilf(length) : 0;
    }
    return count;
}

/// The scores of `rows` keys from `key` on, for the block of `count` queries from `query` on, in `tile`.
INLINE void score(
    const espalier_attention *work, int64_t b, int64_t h, int64_t query, int64_t count, const float *q, int64_t key,
    int64_t rows, float *tile) {
    multiply_rows(vectors(&work->key, b, h, key), work->key.step, rows, q, work->width, tile);
    if (work->mask) {
        const int64_t *strides = work->mask_strides;
        for (int64_t j = 0; j < rows; j++) {
            const float *mask =
                work->mask + b * strides[0] + h * strides[1] + query * strides[2] + (key + j) * strides[3];
            for (int64_t i = 0; i < count; i++) tile[j * block + i] += mask[i * strides[2]];
        }
    }
    for (int64_t j = work->causal && query > key ? query - key : 0; work->causal && j < rows; j++) {
        for (int64_t i = 0; i < block; i++) {
            tile[j * block + i] = query + i >= key + j ? tile[j * block + i] : -INFINITY;
        }
    }
}

/// One block of queries: an online softmax (Milakov and Gimelshein 2018) over blocks of keys.
INLINE void attend(const espalier_attention *work, int64_t b, int64_t h, int64_t query, float *memory) {
    int64_t count = smaller(block, work->queries - query), width = work->value_width;
    float *q = memory, *tile = q + work->width * block, *y = tile + key_block * block;
    float *largest = y + width * block, *sum = largest + block, *factor = sum + block;
    transpose_in(vectors(&work->query, b, h, query), work->query.step, count, work->width, work->scale, q);
    memset(y, 0, (size_t)(width * block) * sizeof *y);
    for (int64_t i = 0; i < block; i++) {
        largest[i] = -FLT_MAX;
        sum[i] = 0;
    }
    int64_t visible = visible_keys(work, b, query + count);
    for (int64_t key = 0; key < visible; key += key_block) {
        int64_t rows = smaller(key_block, visible - key);
        score(work, b, h, query, count, q, key, rows, tile);
        memcpy(factor, largest, block * sizeof *factor);
        for (int64_t j = 0; j < rows; j++) {
            for (int64_t i = 0; i < block; i++) {
                largest[i] = tile[j * block + i] > largest[i] ? tile[j * block + i] : largest[i];
            }
        }
        for (int64_t i = 0; i < block; i++) {
            factor[i] = vm_exp(factor[i] - largest[i]);
            sum[i] *= factor[i];
        }
        for (int64_t d = 0; key > 0 && d < width; d++) {
            for (int64_t i = 0; i < block; i++) y[d * block + i] *= factor[i];
        }
        for (int64_t j = 0; j < rows; j++) {
            for (int64_t i = 0; i < block; i++) {
                tile[j * block + i] = vm_exp(tile[j * block + i] - largest[i]);
                sum[i] += tile[j * block + i];
            }
        }
        multiply_columns(vectors(&work->value, b, h, key), work->value.step, rows, width, tile, y);
    }
    for (int64_t i = 0; i < count; i++) {
        float inverse = sum[i] == 0 ? 0.0f : 1.0f / sum[i];
        float *output = work->output + ((b * work->queries + query + i) * work->heads + h) * width;
        for (int64_t d = 0; d < width; d++) output[d] = y[d * block + i] * inverse;
        work->log_sum[(b * work->heads + h) * work->queries + query + i] = largest[i] + vm_log(sum[i]);
    }
}

/// The gradients of one head, with P = exp(scores - log_sum):
///
///     dV = P^T dY,  dS = P (dY V^T - sum(dY Y)),  dQ = scale dS K,  dK = scale dS^T Q
INLINE void attend_backward(const espalier_attention *work, int64_t b, int64_t h, float *memory) {
    int64_t width = work->width, value_width = work->value_width, keys = rounded_up(work->keys, unroll);
    int64_t padded = rounded_up(width, lanes), value_padded = rounded_up(value_width, lanes);
    float *dk = memory, *dv = dk + keys * padded;
    float *q = dv + keys * value_padded, *g = q + width * block, *dq = g + value_width * block;
    float *q_rows = dq + width * block, *g_rows = q_rows + block * padded;
    float *p = g_rows + block * value_padded, *ds = p + key_block * block;
    float *log_sum = ds + key_block * block, *mean = log_sum + block;
    memset(dk, 0, (size_t)(keys * (padded + value_padded)) * sizeof *dk);
    for (int64_t query = 0; query < work->queries; query += block) {
        int64_t count = smaller(block, work->queries - query);
        const float *queries = vectors(&work->query, b, h, query), *cotangent = vectors(&work->cotangent, b, h, query);
        transpose_in(queries, work->query.step, count, width, work->scale, q);
        transpose_in(cotangent, work->cotangent.step, count, value_width, 1, g);
        copy_in(queries, work->query.step, count, width, padded, work->scale, q_rows);
        copy_in(cotangent, work->cotangent.step, count, value_width, value_padded, 1, g_rows);
        memset(dq, 0, (size_t)(width * block) * sizeof *dq);
        for (int64_t i = 0; i < block; i++) {
            // A lane without a query, or whose query sees nothing, has no part in anything: its P is zero.
            log_sum[i] = INFINITY;
            mean[i] = 0;
            if (i >= count) continue;
            float known = work->log_sum[(b * work->heads + h) * work->queries + query + i];
            if (known != -INFINITY) log_sum[i] = known;
            const float *output = work->output + ((b * work->queries + query + i) * work->heads + h) * value_width;
            for (int64_t d = 0; d < value_width; d++) mean[i] += output[d] * cotangent[i * work->cotangent.step + d];
        }
        int64_t visible = visible_keys(work, b, query + count);
        for (int64_t key = 0; key < visible; key += key_block) {
            int64_t rows = smaller(key_block, visible - key), whole = rounded_up(rows, unroll);
            const float *values = vectors(&work->value, b, h, key);
            score(work, b, h, query, count, q, key, rows, p);
            multiply_rows(values, work->value.step, rows, g, value_width, ds);
            for (int64_t j = 0; j < rows; j++) {
                for (int64_t i = 0; i < block; i++) {
                    p[j * block + i] = vm_exp(p[j * block + i] - log_sum[i]);
                    ds[j * block + i] = p[j * block + i] * (ds[j * block + i] - mean[i]);
                }
            }
            memset(p + rows * block, 0, (size_t)((whole - rows) * block) * sizeof *p);
            memset(ds + rows * block, 0, (size_t)((whole - rows) * block) * sizeof *ds);
            multiply_columns(vectors(&work->key, b, h, key), work->key.step, rows, width, ds, dq);
            multiply_tile(p, whole, g_rows, value_padded, dv + key * value_padded);
            multiply_tile(ds, whole, q_rows, padded, dk + key * padded);
        }
        float *result = (float *)vectors(&work->query_gradient, b, h, query);
        for (int64_t i = 0; i < count; i++) {
            for (int64_t d = 0; d < width; d++) {
                result[i * work->query_gradient.step + d] = work->scale * dq[d * block + i];
            }
        }
    }
    for (int64_t j = 0; j < work->keys; j++) {
        float *key = (float *)vectors(&work->key_gradient, b, h, j);
        float *value = (float *)vectors(&work->value_gradient, b, h, j);
        memcpy(key, dk + j * padded, (size_t)width * sizeof *key);
        memcpy(value, dv + j * value_padded, (size_t)value_width * sizeof *value);
    }
}

// Threads

static int64_t query_blocks(const espalier_attention *work) { return (work->queries + block - 1) / block; }

KERNEL_CLONES void espalier_attend_blocks(
    const espalier_attention *work, float *memory, int64_t first, int64_t end, int64_t step) {
    int64_t blocks = query_blocks(work);
    for (int64_t task = first; task < end; task += step) {
        int64_t head = task / blocks;
        attend(work, head / work->heads, head % work->heads, task % blocks * block, memory);
    }
}

KERNEL_CLONES void espalier_attend_backward_heads(
    const espalier_attention *work, float *memory, int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; head++) {
        attend_backward(work, head / work->heads, head % work->heads, memory);
    }
}

static void forward_member(void *context, int member, int members) {
    const espalier_attention *work = context;
    float *memory = work->scratch + espalier_attention_scratch(work, 0) * member;
    int64_t heads = work->batches * work->heads, tasks = heads * query_blocks(work);
    // Neighbouring blocks share keys; of few heads, whose later blocks may see more keys, each takes every so many.
    if (heads >= members) {
        espalier_attend_blocks(work, memory, tasks * member / members, tasks * (member + 1) / members, 1);
    } else {
        espalier_attend_blocks(work, memory, member, tasks, members);
    }
}

static void backward_member(void *context, int member, int members) {
    const espalier_attention *work = context;
    int64_t heads = work->batches * work->heads;
    espalier_attend_backward_heads(
        work, work->scratch + espalier_attention_scratch(work, 1) * member, heads * member / members,
        heads * (member + 1) / members);
}

int64_t espalier_attention_scratch(const espalier_attention *work, int gradient) {
    int64_t width = work->width, value_width = work->value_width;
    if (!gradient) return (width + value_width + key_block + 3) * block;
    int64_t padded = rounded_up(width, lanes) + rounded_up(value_width, lanes);
    return rounded_up(work->keys, unroll) * padded + (2 * width + value_width + padded + 2 * key_block + 2) * block;
}

/// Waking the team takes as long as some hundred thousand multiplications.
static int team_size(const espalier_attention *work, int64_t tasks, int threads) {
    int64_t products = work->batches * work->heads * work->queries * work->keys * (work->width + work->value_width);
    return products < 200000 ? 1 : (int)smaller(tasks, threads);
}

void espalier_attention_run(const espalier_attention *work, int threads) {
    int64_t tasks = work->batches * work->heads * query_blocks(work);
    espalier_team_run(team_size(work, tasks, threads), forward_member, (void *)work);
}

void espalier_attention_gradient_run(const espalier_attention *work, int threads) {
    espalier_team_run(team_size(work, work->batches * work->heads, threads), backward_member, (void *)work);
}
