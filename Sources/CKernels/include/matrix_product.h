/// Matrix products of single precision: C = ReLU?(A B + bias?), of operands that lie anyhow in memory.
///
/// Every element is summed over k in one order that depends on the sizes alone, so the bits are the same for any number
/// of threads. Nothing is allocated; scratch memory is given.
#pragma once

#include <stdint.h>

enum { espalier_product_axes = 6 };

/// A batch of products: for each index of the batch, C [m, n] = A [m, k] B [k, n].
///
/// All sizes are at least 1. Strides count elements. C's columns are adjacent.
typedef struct {
    const float *a, *b;
    float *c;
    /// One value a column, or null.
    const float *bias;
    int64_t m, n, k;
    int64_t a_row, a_column, b_row, b_column, c_row;
    /// The batch: up to `espalier_product_axes` axes.
    int32_t axes;
    int64_t extents[espalier_product_axes];
    int64_t a_batch[espalier_product_axes], b_batch[espalier_product_axes], c_batch[espalier_product_axes];
    /// Whether the sum starts from what is in C.
    int32_t accumulate;
    int32_t relu;
    /// Where B was packed by `espalier_pack_second`, or null. Of a batch, every product has the same B then.
    const float *packed_b;
} espalier_product;

/// Elements of scratch memory that a call of `espalier_run_products` needs.
int64_t espalier_products_scratch(const espalier_product *products, int64_t count, int threads);

/// Computes independent products side by side on at most `threads` threads.
void espalier_run_products(const espalier_product *products, int64_t count, float *scratch, int threads);

/// Elements of scratch memory that `espalier_run_product_part` needs, for any product.
int64_t espalier_product_part_scratch(void);

/// Computes rows and columns [row_begin, row_end) x [column_begin, column_end) of a product without a batch on the
/// calling thread. Either end of the columns is a multiple of `espalier_product_columns()`, or n. A's columns are adjacent.
void espalier_run_product_part(
    const espalier_product *product, int64_t row_begin, int64_t row_end, int64_t column_begin, int64_t column_end,
    float *scratch);

/// The columns of a packed panel on this processor.
int64_t espalier_product_columns(void);

/// Elements that a packed B of [k, n] takes.
int64_t espalier_packed_second_elements(int64_t k, int64_t n);

/// Packs the columns [column_begin, column_end) of the product's B for repeated use.
void espalier_pack_second(const espalier_product *product, int64_t column_begin, int64_t column_end, float *packed);
