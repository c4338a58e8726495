/// Matrix products.
///
/// A register tile of C is tile_rows x TILE_COLUMNS sums. For each panel of TILE_COLUMNS columns of B, packed so that it
/// is read in order and stays in the first-level cache, all rows of A pass by: straight from where they lie if k is
/// their inner axis, else from panels packed beforehand. Threads take blocks of panels and rows as they get free.
#include "matrix_product.h"

#include <string.h>

#include "tasks.h"
#include "team.h"

/// The functions of one level of vector instructions.
typedef struct {
    int64_t columns;
    void (*pack_first)(const float *a, int64_t row, int64_t column, int64_t rows, int64_t k, float *packed);
    void (*pack_panel)(const float *b, int64_t row, int64_t column, int64_t k, int64_t columns, float *packed);
    void (*block)(
        const espalier_product *x, const float *a, const float *b, float *c, const float *packed_a,
        const float *packed_b, int64_t row_begin, int64_t row_end, int64_t panel_begin, int64_t panel_end, float *panel);
    void (*dots)(const espalier_product *x, const float *a, const float *b, float *c, int64_t begin, int64_t end);
} product_level;

/// The depth of a block: a packed panel of B stays in the first-level cache.
enum { tile_depth = 256 };

#define LEVEL_FILE "matrix_product_level.h"
#define LEVEL_TABLE product_level
#include "each_level.h"

/// Rows of a block: A's part of a depth should stay in the second-level cache beside C's.
enum { rows_a_block = 192 };

static int64_t batch_count(const espalier_product *x) {
    int64_t count = 1;
    for (int axis = 0; axis < x->axes; axis++) count *= x->extents[axis];
    return count;
}

static void batch_offsets(const espalier_product *x, int64_t index, int64_t *a, int64_t *b, int64_t *c) {
    *a = *b = *c = 0;
    for (int axis = x->axes - 1; axis >= 0; axis--) {
        int64_t position = index % x->extents[axis];
        index /= x->extents[axis];
        *a += position * x->a_batch[axis];
        *b += position * x->b_batch[axis];
        *c += position * x->c_batch[axis];
    }
}

/// Few rows over operands along k: B passes by once, packing it would cost more than the sums.
static int is_dots(const espalier_product *x) {
    return x->m <= 4 && x->b_row == 1 && (x->a_column == 1 || x->k == 1) && !x->packed_b;
}

static int packs_first(const espalier_product *x) { return x->a_column != 1 && x->k > 1 && !is_dots(x); }

/// Where many blocks of rows meet the same columns, B is packed once for all of them.
static int packs_second(const espalier_product *x) {
    if (x->packed_b || is_dots(x) || x->m <= rows_a_block) return 0;
    for (int axis = 0; axis < x->axes; axis++) {
        if (x->b_batch[axis] != 0) return 0;
    }
    return 1;
}

static int64_t packed_first_elements(const espalier_product *x) {
    return divided_up(x->m, tile_rows) * tile_rows * x->k;
}

int64_t espalier_product_columns(void) { return level()->columns; }

int64_t espalier_packed_second_elements(int64_t k, int64_t n) {
    int64_t columns = level()->columns;
    return divided_up(n, columns) * columns * k;
}

void espalier_pack_second(const espalier_product *x, int64_t column_begin, int64_t column_end, float *packed) {
    const product_level *l = level();
    int64_t panels = divided_up(x->n, l->columns);
    for (int64_t p = 0; p < x->k; p += tile_depth) {
        int64_t depth = x->k - p < tile_depth ? x->k - p : tile_depth;
        for (int64_t column = column_begin; column < column_end; column += l->columns) {
            int64_t columns = x->n - column < l->columns ? x->n - column : l->columns;
            l->pack_panel(
                x->b + p * x->b_row + column * x->b_column, x->b_row, x->b_column, depth, columns,
                packed + (p * panels + column / l->columns * depth) * l->columns);
        }
    }
}

int64_t espalier_product_part_scratch(void) { return tile_depth * level()->columns; }

void espalier_run_product_part(
    const espalier_product *x, int64_t row_begin, int64_t row_end, int64_t column_begin, int64_t column_end,
    float *scratch) {
    const product_level *l = level();
    l->block(
        x, x->a, x->b, x->c, 0, x->packed_b, row_begin, row_end, column_begin / l->columns, divided_up(column_end, l->columns),
        scratch);
}

// Sharing among threads

/// How a product is cut: `row_blocks` x `column_blocks` tasks for each index of the batch.
typedef struct {
    int64_t batch, rows_a_block, row_blocks, panels_a_block, column_blocks;
} product_cut;

enum { columns_a_dots_block = 64 };

static product_cut cut(const espalier_product *x, int threads) {
    const product_level *l = level();
    product_cut cut = {.batch = batch_count(x)};
    if (is_dots(x)) {
        cut.rows_a_block = x->m;
        cut.row_blocks = 1;
        cut.panels_a_block = columns_a_dots_block;
        cut.column_blocks = divided_up(x->n, columns_a_dots_block);
        return cut;
    }
    int64_t tiles = divided_up(x->m, tile_rows), panels = divided_up(x->n, l->columns);
    cut.row_blocks = divided_up(tiles * tile_rows, rows_a_block);
    cut.panels_a_block = 1;
    // Narrow results are cut along their rows, at the price of packing B several times.
    while (threads > 1 && cut.batch * cut.row_blocks * panels < 4 * threads && cut.row_blocks * 4 <= tiles) {
        cut.row_blocks *= 2;
    }
    cut.rows_a_block = divided_up(tiles, cut.row_blocks) * tile_rows;
    cut.row_blocks = divided_up(x->m, cut.rows_a_block);
    while (cut.panels_a_block * 2 * 32 * threads <= cut.batch * cut.row_blocks * panels) cut.panels_a_block *= 2;
    cut.column_blocks = divided_up(panels, cut.panels_a_block);
    return cut;
}

typedef struct {
    const espalier_product *products;
    int64_t count;
    float *scratch;
    int threads;
    /// The next task to be taken, of packing and of multiplying; the threads that are done with packing.
    int64_t next_packing, next, packed;
} products_work;

static int64_t task_count(const product_cut *cut) { return cut->batch * cut->row_blocks * cut->column_blocks; }

/// Packing is shared in bands of so many panels of rows.
enum { packing_band = 8 };

static int64_t first_packing_tasks(const espalier_product *x) {
    return packs_first(x) ? batch_count(x) * divided_up(x->m, packing_band * tile_rows) : 0;
}

static int64_t second_packing_tasks(const espalier_product *x) {
    return packs_second(x) ? divided_up(x->n, level()->columns) : 0;
}

/// Elements of a product's packed operands: A's panels, then B's.
static int64_t packed_elements(const espalier_product *x) {
    return (packs_first(x) ? batch_count(x) * packed_first_elements(x) : 0)
        + (packs_second(x) ? espalier_packed_second_elements(x->k, x->n) : 0);
}

static float *packed_second(const espalier_product *x, float *packed) {
    return packed + (packs_first(x) ? batch_count(x) * packed_first_elements(x) : 0);
}

static void pack_band(const espalier_product *x, int64_t task, float *packed) {
    const product_level *l = level();
    if (task >= first_packing_tasks(x)) {
        int64_t column = (task - first_packing_tasks(x)) * l->columns;
        espalier_pack_second(x, column, smaller(column + l->columns, x->n), packed_second(x, packed));
        return;
    }
    int64_t bands = divided_up(x->m, packing_band * tile_rows), a, b, c;
    batch_offsets(x, task / bands, &a, &b, &c);
    packed += task / bands * packed_first_elements(x);
    int64_t begin = task % bands * packing_band * tile_rows, end = smaller(begin + packing_band * tile_rows, x->m);
    l->pack_first(
        x->a + a + begin * x->a_row, x->a_row, x->a_column, end - begin, x->k, packed + begin * x->k);
}

static void run_task(const espalier_product *x, const product_cut *cut, int64_t task, float *packed, float *panel) {
    int64_t a, b, c, index = task / (cut->row_blocks * cut->column_blocks);
    batch_offsets(x, index, &a, &b, &c);
    int64_t row = task / cut->column_blocks % cut->row_blocks * cut->rows_a_block;
    int64_t column = task % cut->column_blocks * cut->panels_a_block, column_end = column + cut->panels_a_block;
    if (is_dots(x)) {
        level()->dots(x, x->a + a, x->b + b, x->c + c, column, smaller(column_end, x->n));
        return;
    }
    level()->block(
        x, x->a + a, x->b + b, x->c + c, packs_first(x) ? packed + index * packed_first_elements(x) : 0,
        packs_second(x) ? packed_second(x, packed) : x->packed_b, row, smaller(row + cut->rows_a_block, x->m), column,
        smaller(column_end, divided_up(x->n, level()->columns)), panel);
}

static void run_products_member(void *context, int member, int members) {
    products_work *work = context;
    float *panel = work->scratch + member * espalier_product_part_scratch();
    float *packed = work->scratch + work->threads * espalier_product_part_scratch(), *target = packed;
    int packs = 0;
    int64_t task = take(&work->next_packing), first = 0;
    for (int64_t i = 0; i < work->count; i++) {
        const espalier_product *x = &work->products[i];
        int64_t tasks = first_packing_tasks(x) + second_packing_tasks(x);
        for (; task < first + tasks; task = take(&work->next_packing)) pack_band(x, task - first, target);
        first += tasks;
        packs |= tasks > 0;
        target += packed_elements(x);
    }
    if (packs && members > 1) espalier_team_wait(&work->packed, members);
    task = take(&work->next);
    first = 0;
    for (int64_t i = 0; i < work->count; i++) {
        const espalier_product *x = &work->products[i];
        product_cut cut_of_x = cut(x, work->threads);
        int64_t tasks = task_count(&cut_of_x);
        for (; task < first + tasks; task = take(&work->next)) run_task(x, &cut_of_x, task - first, packed, panel);
        first += tasks;
        packed += packed_elements(x);
    }
}

int64_t espalier_products_scratch(const espalier_product *products, int64_t count, int threads) {
    int64_t elements = threads * espalier_product_part_scratch();
    for (int64_t i = 0; i < count; i++) elements += packed_elements(&products[i]);
    return elements;
}

/// Fewer operations than this are not worth waking the team for.
static const int64_t smallest_shared = 400000;

void espalier_run_products(const espalier_product *products, int64_t count, float *scratch, int threads) {
    int64_t operations = 0, tasks = 0;
    for (int64_t i = 0; i < count; i++) {
        product_cut cut_of_product = cut(&products[i], threads);
        operations += 2 * batch_count(&products[i]) * products[i].m * products[i].n * products[i].k;
        tasks += task_count(&cut_of_product);
    }
    products_work work = {.products = products, .count = count, .scratch = scratch, .threads = threads};
    int members = operations < smallest_shared ? 1 : tasks < threads ? (int)tasks : threads;
    espalier_team_run(members, run_products_member, &work);
}
