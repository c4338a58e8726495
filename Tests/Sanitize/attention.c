/// Attention and its gradient, of random sizes, strides, masks and lengths, against their definition.
#include "check.h"

typedef struct {
    espalier_attention work;
    float *mask, *lengths;
} attention;

/// The heads' vectors in any order, with gaps.
static espalier_heads heads(const espalier_attention *x, int64_t steps, int64_t width) {
    int64_t extents[] = {x->batches, steps, x->heads, width}, strides[4];
    int order[] = {3, 2, 1, 0};
    if (one_in(2)) shuffle(order + 1, 3);
    float *address = numbers(lay_out(extents, strides, order, 4, 1));
    return (espalier_heads){address, strides[0], strides[1], strides[2]};
}

/// A mask that may be the same along some axes, and hides some keys.
static float *draw_mask(espalier_attention *x) {
    int64_t extents[] = {x->batches, x->heads, x->queries, x->keys}, count = 1;
    int order[] = {0, 1, 2, 3};
    shuffle(order, 4);
    for (int i = 0; i < 4; i++) {
        int axis = order[i];
        if (one_in(3)) continue;
        x->mask_strides[axis] = count;
        count *= extents[axis];
    }
    float *mask = numbers(count);
    for (int64_t i = 0; i < count; i++) mask[i] = one_in(5) ? -INFINITY : mask[i];
    x->mask = mask;
    return mask;
}

static float *draw_lengths(espalier_attention *x) {
    x->lengths_stride = drawn(0, 2);
    int64_t count = (x->batches - 1) * x->lengths_stride + 1;
    float *lengths = numbers(count);
    for (int64_t i = 0; i < count; i++) {
        lengths[i] = one_in(8) ? NAN : one_in(8) ? INFINITY : (float)drawn(-4, 4 * x->keys + 8) / 4;
    }
    x->lengths = lengths;
    return lengths;
}

/// Half of them are large enough for more than one thread.
static attention draw(void) {
    attention drawing = {0};
    espalier_attention *x = &drawing.work;
    int64_t least = one_in(2) ? 200000 : 1, products;
    do {
        x->batches = drawn(1, 3);
        x->heads = drawn(1, 4);
        x->queries = drawn(1, 100);
        x->keys = one_in(4) ? x->queries : drawn(1, 200);
        x->width = drawn(1, 40);
        x->value_width = one_in(2) ? x->width : drawn(1, 40);
        products = x->batches * x->heads * x->queries * x->keys * (x->width + x->value_width);
    } while (products < least || products > 1000000);
    x->scale = 1 / sqrtf((float)x->width);
    x->causal = one_in(3);
    x->query = heads(x, x->queries, x->width);
    x->key = heads(x, x->keys, x->width);
    x->value = heads(x, x->keys, x->value_width);
    x->cotangent = heads(x, x->queries, x->value_width);
    x->query_gradient = heads(x, x->queries, x->width);
    x->key_gradient = heads(x, x->keys, x->width);
    x->value_gradient = heads(x, x->keys, x->value_width);
    if (one_in(3)) drawing.mask = draw_mask(x);
    if (one_in(3)) drawing.lengths = draw_lengths(x);
    x->output = scratch(x->batches * x->queries * x->heads * x->value_width);
    x->log_sum = scratch(x->batches * x->queries * x->heads);
    return drawing;
}

static void forget(attention *drawing) {
    const espalier_attention *x = &drawing->work;
    float *const memory[] = {
        x->query.address, x->key.address, x->value.address, x->cotangent.address, x->query_gradient.address,
        x->key_gradient.address, x->value_gradient.address, drawing->mask, drawing->lengths, x->output, x->log_sum};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) free(memory[i]);
}

/// What the definition says, and the sum of the magnitudes that lead there.
typedef struct {
    double value, magnitude;
} expectation;

/// A score's rounding error, some 1e-6, is the relative one of its exponential.
static int is_expected(float value, expectation expected) {
    return is_within(value, expected.value, 3e-5 * expected.magnitude);
}

static void add(expectation *sum, double value, double magnitude) {
    sum->value += value;
    sum->magnitude += magnitude;
}

static const float *vector(const espalier_heads *x, int64_t b, int64_t h, int64_t step) {
    return x->address + b * x->batch + step * x->step + h * x->head;
}

UNCHECKED static expectation product(const float *x, const float *y, int64_t width) {
    expectation sum = {0};
    for (int64_t d = 0; d < width; d++) add(&sum, (double)x[d] * (double)y[d], fabs((double)x[d] * (double)y[d]));
    return sum;
}

/// The shares p of the keys in query i. Returns the logarithm of the exponentials' sum.
UNCHECKED static double find_shares(const espalier_attention *x, int64_t b, int64_t h, int64_t i, double *p) {
    double largest = -INFINITY, sum = 0;
    for (int64_t j = 0; j < x->keys; j++) {
        int is_seen = !(x->causal && j > i) && (!x->lengths || (float)j < x->lengths[b * x->lengths_stride]);
        const int64_t *strides = x->mask_strides;
        p[j] = (double)x->scale * product(vector(&x->query, b, h, i), vector(&x->key, b, h, j), x->width).value;
        if (x->mask) p[j] += (double)x->mask[b * strides[0] + h * strides[1] + i * strides[2] + j * strides[3]];
        if (!is_seen) p[j] = -INFINITY;
        largest = fmax(largest, p[j]);
    }
    for (int64_t j = 0; j < x->keys; j++) sum += p[j] = largest == -INFINITY ? 0 : exp(p[j] - largest);
    for (int64_t j = 0; j < x->keys && sum > 0; j++) p[j] /= sum;
    return largest + log(sum);
}

/// One query's output and gradient, and what it adds to the gradients of keys and values.
static void compare_query(
    const espalier_attention *x, int64_t b, int64_t h, int64_t i, double *p, expectation *keys, expectation *values) {
    int64_t width = x->width, value_width = x->value_width;
    double log_sum = find_shares(x, b, h, i, p);
    REQUIRE(is_within(x->log_sum[(b * x->heads + h) * x->queries + i], log_sum, 3e-5));
    const float *output = x->output + ((b * x->queries + i) * x->heads + h) * value_width;
    for (int64_t d = 0; d < value_width; d++) {
        expectation sum = {0};
        for (int64_t j = 0; j < x->keys; j++) {
            double value = (double)vector(&x->value, b, h, j)[d];
            add(&sum, p[j] * value, p[j] * fabs(value));
        }
        REQUIRE(is_expected(output[d], sum));
    }
    const float *q = vector(&x->query, b, h, i), *cotangent = vector(&x->cotangent, b, h, i);
    expectation mean = product(output, cotangent, value_width), gradient[40] = {0};
    for (int64_t j = 0; j < x->keys; j++) {
        const float *k = vector(&x->key, b, h, j);
        expectation part = product(vector(&x->value, b, h, j), cotangent, value_width);
        double ds = (double)x->scale * p[j] * (part.value - mean.value);
        double magnitude = (double)x->scale * p[j] * (part.magnitude + mean.magnitude);
        for (int64_t d = 0; d < width; d++) {
            add(&gradient[d], ds * (double)k[d], magnitude * fabs((double)k[d]));
            add(&keys[j * width + d], ds * (double)q[d], magnitude * fabs((double)q[d]));
        }
        for (int64_t d = 0; d < value_width; d++) {
            add(&values[j * value_width + d], p[j] * (double)cotangent[d], p[j] * fabs((double)cotangent[d]));
        }
    }
    for (int64_t d = 0; d < width; d++) REQUIRE(is_expected(vector(&x->query_gradient, b, h, i)[d], gradient[d]));
}

static void compare(const espalier_attention *x) {
    for (int64_t head = 0; head < x->batches * x->heads; head++) {
        int64_t b = head / x->heads, h = head % x->heads;
        expectation *keys = calloc((size_t)(x->keys * x->width), sizeof(expectation));
        expectation *values = calloc((size_t)(x->keys * x->value_width), sizeof(expectation));
        double *p = malloc((size_t)x->keys * sizeof(double));
        for (int64_t i = 0; i < x->queries; i++) compare_query(x, b, h, i, p, keys, values);
        for (int64_t j = 0; j < x->keys; j++) {
            for (int64_t d = 0; d < x->width; d++) {
                REQUIRE(is_expected(vector(&x->key_gradient, b, h, j)[d], keys[j * x->width + d]));
            }
            for (int64_t d = 0; d < x->value_width; d++) {
                REQUIRE(is_expected(vector(&x->value_gradient, b, h, j)[d], values[j * x->value_width + d]));
            }
        }
        free(keys);
        free(values);
        free(p);
    }
}

void check_attention(void) {
    for (int i = 0; i < 120; i++) {
        int threads = 1 + i % 4;
        attention drawing = draw();
        espalier_attention *x = &drawing.work;
        x->scratch = scratch(threads * espalier_attention_scratch(x, 0));
        espalier_attention_run(x, threads);
        free(x->scratch);
        x->scratch = scratch(threads * espalier_attention_scratch(x, 1));
        espalier_attention_gradient_run(x, threads);
        free(x->scratch);
        compare(x);
        forget(&drawing);
    }
}
