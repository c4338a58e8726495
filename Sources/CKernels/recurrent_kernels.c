/// Recurrent layers over whole sequences: one parallel region for all time steps.
///
/// Sequences do not depend on each other, so where there are many each thread takes some through all steps and waits
/// for nobody. Where there are few, each thread takes some of the units, and all wait for each other in every step.
/// Either way an element is computed by the same operations in the same order.
#include "recurrent_kernels.h"

#include <string.h>

#include "matrix_product.h"
#include "recurrent_cells.h"
#include "tasks.h"
#include "team.h"

enum { maximal_gates = 4 };

static int64_t gate_count(const espalier_recurrence *x) {
    return x->cell == espalier_cell_lstm ? 4 : x->cell == espalier_cell_gru ? 3 : 1;
}

/// Where the parts of the result lie.
typedef struct {
    float *sequence, *last_hidden, *last_state, *gates, *memory;
} result_parts;

static result_parts parts_of_result(const espalier_recurrence *x) {
    int64_t state = x->batch * x->units;
    result_parts parts = {.sequence = x->result};
    parts.last_hidden = parts.sequence + x->steps * state;
    parts.last_state = parts.last_hidden + state;
    parts.gates = parts.last_state + (x->cell == espalier_cell_lstm ? state : 0);
    parts.memory = parts.gates + x->steps * state * gate_count(x);
    return parts;
}

/// Where the parts of the gradient lie.
typedef struct {
    float *projection, *candidates, *hidden, *state;
} gradient_parts;

static gradient_parts parts_of_gradient(const espalier_recurrence *x) {
    int64_t state = x->batch * x->units;
    gradient_parts parts = {.projection = x->gradient};
    parts.candidates = parts.projection + x->steps * state * gate_count(x);
    parts.hidden = parts.candidates + (x->cell == espalier_cell_gru ? x->steps * state : 0);
    parts.state = parts.hidden + state;
    return parts;
}

/// The products of a step, each with its second operand packed.
typedef struct {
    espalier_product product[maximal_gates];
    int count;
} step_products;

typedef struct {
    const espalier_recurrence *x;
    step_products products;
    /// H zeros, and the members' scratch memory.
    const float *zeros;
    float *scratch;
    /// How often members have waited for each other.
    int64_t arrived;
} recurrence_work;

/// The products of a step: of each gate with the hidden state, or, backwards, of the gates' cotangents with the weight.
/// `a` and `c` are set in each step.
static step_products products_of_step(const espalier_recurrence *x, int is_gradient, float *packed) {
    int64_t units = x->units, gates = gate_count(x);
    step_products products = {.count = (int)gates};
    espalier_product common = {
        .m = x->batch, .n = units, .k = units, .a_row = units, .a_column = 1, .b_row = 1, .b_column = units,
        .c_row = gates * units};
    if (is_gradient) {
        // A GRU's candidates have cotangents of their own, beside those of the other gates.
        products.count = x->cell == espalier_cell_gru ? 2 : 1;
        common.k = x->cell == espalier_cell_gru ? 2 * units : gates * units;
        common.a_row = gates * units;
        common.b_row = units;
        common.b_column = 1;
        common.c_row = units;
        common.accumulate = x->cell == espalier_cell_gru;
    }
    const float *b = x->weight;
    for (int i = 0; i < products.count; i++) {
        espalier_product *product = &products.product[i];
        *product = common;
        if (is_gradient && i == 1) {
            product->k = units;
            product->a_row = units;
        }
        if (!is_gradient && x->cell == espalier_cell_gru && i == 2) {
            product->c_row = units;
            product->bias = x->candidate_bias;
        }
        product->b = b;
        product->packed_b = packed;
        b += product->k * units;
        if (packed) packed += espalier_packed_second_elements(product->k, units);
    }
    return products;
}

// Sharing

/// The sequences and units of a member.
typedef struct {
    int64_t row_begin, row_end, begin, end;
    int waits;
} member_share;

/// A member takes at least so many sequences, so that reading all weights in every step pays.
enum { rows_a_member = 2 };

static int shares_rows(const espalier_recurrence *x, int members) { return x->batch >= members * rows_a_member; }

static member_share share(const espalier_recurrence *x, int member, int members) {
    if (shares_rows(x, members)) {
        return (member_share){x->batch * member / members, x->batch * (member + 1) / members, 0, x->units, 0};
    }
    int64_t columns = espalier_product_columns(), panels = divided_up(x->units, columns);
    int64_t end = panels * (member + 1) / members * columns;
    return (member_share){
        0, x->batch, panels * member / members * columns, end < x->units ? end : x->units, members > 1};
}

static int member_count(const espalier_recurrence *x, int threads) {
    double operations = 2.0 * (double)(x->batch * gate_count(x)) * (double)(x->units * x->units);
    if (shares_rows(x, threads)) return operations * (double)x->steps < 1e6 ? 1 : threads;
    // Waiting for each other in every step takes a microsecond, and as long as the system lets others run where the
    // processors are busy.
    if (operations < 4e6) return 1;
    int64_t panels = divided_up(x->units, espalier_product_columns());
    return panels < threads ? (int)panels : threads;
}

static void wait_for_all(recurrence_work *work, int members, int *waits) {
    *waits += 1;
    espalier_team_wait(&work->arrived, members * *waits);
}

/// Packs the member's part of the weight, then waits for the others'.
static void pack_weights(recurrence_work *work, int member, int members, int *waits) {
    int64_t columns = espalier_product_columns(), panels = divided_up(work->x->units, columns);
    int64_t begin = panels * member / members * columns, end = panels * (member + 1) / members * columns;
    for (int i = 0; i < work->products.count; i++) {
        espalier_product *product = &work->products.product[i];
        espalier_pack_second(product, begin, end < product->n ? end : product->n, (float *)product->packed_b);
    }
    if (members > 1) wait_for_all(work, members, waits);
}

/// So many that what follows starts on a cache line.
static int64_t zero_elements(const espalier_recurrence *x) { return divided_up(x->units, 16) * 16; }

static void run(const espalier_recurrence *x, int is_gradient, int threads, void (*body)(void *, int, int)) {
    float *zeros = x->scratch, *scratch = zeros + zero_elements(x);
    memset(zeros, 0, (size_t)x->units * sizeof(float));
    float *packed = scratch + threads * espalier_product_part_scratch();
    recurrence_work work = {
        .x = x, .products = products_of_step(x, is_gradient, packed), .zeros = zeros, .scratch = scratch};
    espalier_team_run(member_count(x, threads), body, &work);
}

int64_t espalier_recurrence_scratch(const espalier_recurrence *x, int threads) {
    int64_t elements = zero_elements(x) + threads * espalier_product_part_scratch();
    int64_t packed[2] = {0, 0};
    for (int is_gradient = 0; is_gradient < 2; is_gradient++) {
        step_products products = products_of_step(x, is_gradient, 0);
        for (int i = 0; i < products.count; i++) {
            packed[is_gradient] += espalier_packed_second_elements(products.product[i].k, x->units);
        }
    }
    return elements + (packed[0] > packed[1] ? packed[0] : packed[1]);
}

/// The member's part of product number `index` of a step.
static void multiply(
    const recurrence_work *work, int index, const float *a, float *c, member_share own, float *scratch) {
    espalier_product product = work->products.product[index];
    product.a = a;
    product.c = c;
    espalier_run_product_part(&product, own.row_begin, own.row_end, own.begin, own.end, scratch);
}

static void copy_part(const float *source, float *target, int64_t width, int64_t stride, member_share own) {
    for (int64_t row = own.row_begin; row < own.row_end; row++) {
        float *part = target + row * stride + own.begin;
        if (source) {
            memcpy(part, source + row * width + own.begin, (size_t)(own.end - own.begin) * sizeof(float));
        } else {
            memset(part, 0, (size_t)(own.end - own.begin) * sizeof(float));
        }
    }
}

// Forwards

/// The recurrent products of all gates, to where the cells look for them.
static void multiply_gates(
    const recurrence_work *work, const float *before, float *gates, float *candidates, member_share own,
    float *scratch) {
    const espalier_recurrence *x = work->x;
    int64_t units = x->units;
    for (int i = 0; i < work->products.count; i++) {
        int is_candidate = x->cell == espalier_cell_gru && i == 2;
        float *c = is_candidate ? candidates : gates + i * units;
        if (before) {
            multiply(work, i, before, c, own, scratch);
            continue;
        }
        int64_t stride = work->products.product[i].c_row;
        // A bias is the same for every sequence: rows of width zero.
        copy_part(is_candidate ? x->candidate_bias : 0, c, 0, stride, own);
    }
}

static void run_member(void *context, int member, int members) {
    recurrence_work *work = context;
    const espalier_recurrence *x = work->x;
    result_parts parts = parts_of_result(x);
    member_share own = share(x, member, members);
    float *scratch = work->scratch + member * espalier_product_part_scratch();
    int64_t units = x->units, state = x->batch * units, width = gate_count(x) * units;
    int waits = 0;
    pack_weights(work, member, members, &waits);
    const float *before = x->hidden, *cells_before = x->state;
    for (int64_t step = 0; step < x->steps; step++) {
        int64_t time = x->is_reversed ? x->steps - 1 - step : step;
        float *h = parts.sequence + time * state, *memory = parts.memory + time * state;
        float *gates = width > units ? parts.gates + time * x->batch * width : h;
        multiply_gates(work, before, gates, memory, own, scratch);
        for (int64_t row = own.row_begin; row < own.row_end; row++) {
            const float *input = x->projection + (time * x->batch + row) * width;
            int64_t at = row * units;
            switch (x->cell) {
            case espalier_cell_tanh: espalier_tanh_cell(input, h + at, own.begin, own.end); break;
            case espalier_cell_relu: espalier_relu_cell(input, h + at, own.begin, own.end); break;
            case espalier_cell_lstm:
                espalier_lstm_cell(
                    input, gates + row * width, cells_before ? cells_before + at : work->zeros, memory + at, h + at,
                    units, own.begin, own.end);
                break;
            default:
                espalier_gru_cell(
                    input, gates + row * width, memory + at, before ? before + at : work->zeros, h + at, units,
                    own.begin, own.end);
            }
        }
        before = h;
        cells_before = memory;
        if (own.waits && step + 1 < x->steps) wait_for_all(work, members, &waits);
    }
    copy_part(before, parts.last_hidden, units, units, own);
    if (x->cell == espalier_cell_lstm) copy_part(cells_before, parts.last_state, units, units, own);
}

void espalier_run_recurrence(const espalier_recurrence *x, int threads) { run(x, 0, threads, run_member); }

// Backwards

static void run_gradient_member(void *context, int member, int members) {
    recurrence_work *work = context;
    const espalier_recurrence *x = work->x;
    result_parts parts = parts_of_result(x);
    gradient_parts gradient = parts_of_gradient(x);
    member_share own = share(x, member, members);
    float *scratch = work->scratch + member * espalier_product_part_scratch();
    int64_t units = x->units, state = x->batch * units, width = gate_count(x) * units;
    int is_lstm = x->cell == espalier_cell_lstm, waits = 0;
    pack_weights(work, member, members, &waits);
    float *dh = gradient.hidden, *dc = gradient.state;
    copy_part(x->hidden_cotangent, dh, units, units, own);
    if (is_lstm) copy_part(x->state_cotangent, dc, units, units, own);
    for (int64_t step = x->steps - 1; step >= 0; step--) {
        int64_t time = x->is_reversed ? x->steps - 1 - step : step;
        int64_t time_before = x->is_reversed ? time + 1 : time - 1;
        const float *before = step > 0 ? (is_lstm ? parts.memory : parts.sequence) + time_before * state
                              : is_lstm ? x->state : x->hidden;
        float *dx = gradient.projection + time * x->batch * width, *candidates = gradient.candidates + time * state;
        for (int64_t row = own.row_begin; row < own.row_end; row++) {
            int64_t at = row * units, now = time * state + at;
            const float *gates = parts.gates + (time * x->batch + row) * width;
            const float *dy = x->sequence_cotangent ? x->sequence_cotangent + now : work->zeros;
            const float *previous = before ? before + at : work->zeros;
            float *dx_row = dx + row * width;
            switch (x->cell) {
            case espalier_cell_tanh:
                espalier_tanh_cell_gradient(parts.sequence + now, dy, dh + at, dx_row, own.begin, own.end);
                break;
            case espalier_cell_relu:
                espalier_relu_cell_gradient(parts.sequence + now, dy, dh + at, dx_row, own.begin, own.end);
                break;
            case espalier_cell_lstm:
                espalier_lstm_cell_gradient(
                    gates, parts.memory + now, previous, dy, dh + at, dc + at, dx_row, units, own.begin, own.end);
                break;
            default:
                espalier_gru_cell_gradient(
                    gates, parts.memory + now, previous, dy, dh + at, dx_row, candidates + at, units, own.begin,
                    own.end);
            }
        }
        if (own.waits) wait_for_all(work, members, &waits);
        multiply(work, 0, dx, dh, own, scratch);
        if (x->cell == espalier_cell_gru) multiply(work, 1, candidates, dh, own, scratch);
    }
}

void espalier_run_recurrence_gradient(const espalier_recurrence *x, int threads) {
    run(x, 1, threads, run_gradient_member);
}
