/// Matrix products of random sizes, strides, batches and epilogues, several at once, packed and in parts.
#include "check.h"

typedef struct {
    float *a, *b, *c, *bias, *packed;
    /// What C held before.
    float *before;
    int64_t elements;
} memory;

static const int64_t edges[] = {1, 3, 4, 5, 6, 7, 8, 15, 16, 17, 31, 32, 33, 63, 65, 191, 192, 193, 255, 256, 257};

static int64_t size(void) { return one_in(3) ? edges[drawn(0, sizeof edges / sizeof *edges - 1)] : drawn(1, 70); }

/// An operand of [batch..., rows, columns]; `along_rows` makes its columns adjacent.
static float *operand(
    const espalier_product *x, int64_t rows, int64_t columns, int64_t *batch, int64_t *row, int64_t *column,
    int along_rows, int repeats, int64_t *elements) {
    int64_t extents[espalier_product_axes + 2], strides[espalier_product_axes + 2] = {0};
    int order[espalier_product_axes + 2], count = 0, rank = x->axes;
    memcpy(extents, x->extents, sizeof x->extents);
    extents[rank] = rows;
    extents[rank + 1] = columns;
    int inner = along_rows || one_in(2) ? rank + 1 : rank, outer = 2 * rank + 1 - inner, is_outermost = one_in(2);
    order[count++] = inner;
    if (!is_outermost) order[count++] = outer;
    for (int axis = 0; axis < rank && !repeats; axis++) order[count++] = axis;
    if (is_outermost) order[count++] = outer;
    *elements = lay_out(extents, strides, order, count, along_rows || !one_in(4) ? 1 : drawn(2, 3));
    memcpy(batch, strides, sizeof(int64_t) * (size_t)rank);
    *row = strides[rank];
    *column = strides[rank + 1];
    return numbers(*elements);
}

static memory draw(espalier_product *x, int is_part) {
    memset(x, 0, sizeof *x);
    do {
        x->m = one_in(4) ? drawn(1, 4) : size();
        x->n = size();
        x->k = size();
    } while (x->m * x->n * x->k > 800000);
    int64_t work = x->m * x->n * x->k, ignored;
    for (int64_t axes = is_part || one_in(2) ? 0 : drawn(0, espalier_product_axes); x->axes < axes; x->axes++) {
        int64_t extent = drawn(1, 3);
        x->extents[x->axes] = work * extent <= 50000 ? extent : 1;
        work *= x->extents[x->axes];
    }
    memory used = {0};
    int packs = one_in(4);
    x->a = used.a = operand(x, x->m, x->k, x->a_batch, &x->a_row, &x->a_column, is_part, one_in(3), &ignored);
    x->b = used.b = operand(x, x->k, x->n, x->b_batch, &x->b_row, &x->b_column, 0, packs || one_in(3), &ignored);
    x->c = used.c = operand(x, x->m, x->n, x->c_batch, &x->c_row, &ignored, 1, 0, &used.elements);
    used.before = malloc((size_t)used.elements * sizeof(float));
    memcpy(used.before, x->c, (size_t)used.elements * sizeof(float));
    if (one_in(2)) x->bias = used.bias = numbers(x->n);
    x->accumulate = one_in(3);
    x->relu = one_in(2);
    if (packs) {
        used.packed = numbers(espalier_packed_second_elements(x->k, x->n));
        espalier_pack_second(x, 0, x->n, used.packed);
        x->packed_b = used.packed;
    }
    return used;
}

static void forget(memory used) {
    free(used.a);
    free(used.b);
    free(used.c);
    free(used.bias);
    free(used.packed);
    free(used.before);
}

/// One product of the batch against its definition.
static void compare(const espalier_product *x, const float *a, const float *b, const float *c, const float *before) {
    for (int64_t i = 0; i < x->m; i++) {
        for (int64_t j = 0; j < x->n; j++) {
            total sum = {0};
            if (x->accumulate) add_term(&sum, (double)before[i * x->c_row + j]);
            if (x->bias) add_term(&sum, (double)x->bias[j]);
            for (int64_t p = 0; p < x->k; p++) {
                add_term(&sum, (double)a[i * x->a_row + p * x->a_column] * (double)b[p * x->b_row + j * x->b_column]);
            }
            if (x->relu && sum.sum < 0) sum.sum = 0;
            REQUIRE(is_near(c[i * x->c_row + j], &sum));
        }
    }
}

static void compare_all(const espalier_product *x, const memory *used) {
    int64_t count = 1;
    for (int axis = 0; axis < x->axes; axis++) count *= x->extents[axis];
    for (int64_t index = 0; index < count; index++) {
        int64_t a = 0, b = 0, c = 0, rest = index;
        for (int axis = 0; axis < x->axes; axis++) {
            int64_t position = rest % x->extents[axis];
            rest /= x->extents[axis];
            a += position * x->a_batch[axis];
            b += position * x->b_batch[axis];
            c += position * x->c_batch[axis];
        }
        compare(x, x->a + a, x->b + b, x->c + c, used->before + c);
    }
}

static void run_together(int threads) {
    espalier_product products[4];
    memory used[4];
    int count = (int)drawn(1, 4);
    for (int i = 0; i < count; i++) used[i] = draw(&products[i], 0);
    float *scratch = numbers(espalier_products_scratch(products, count, threads));
    espalier_run_products(products, count, scratch, threads);
    free(scratch);
    for (int i = 0; i < count; i++) {
        compare_all(&products[i], &used[i]);
        forget(used[i]);
    }
}

static void run_parts(void) {
    espalier_product product;
    memory used = draw(&product, 1);
    float *scratch = numbers(espalier_product_part_scratch());
    int64_t rows = drawn(1, product.m), columns = drawn(1, 3) * espalier_product_columns();
    for (int64_t i = 0; i < product.m; i += rows) {
        for (int64_t j = 0; j < product.n; j += columns) {
            int64_t row_end = i + rows < product.m ? i + rows : product.m;
            int64_t column_end = j + columns < product.n ? j + columns : product.n;
            espalier_run_product_part(&product, i, row_end, j, column_end, scratch);
        }
    }
    free(scratch);
    compare_all(&product, &used);
    forget(used);
}

void check_products(void) {
    static const int threads[] = {1, 2, 3, 4, 7};
    for (int i = 0; i < 250; i++) {
        run_together(threads[i % 5]);
        run_parts();
    }
}
