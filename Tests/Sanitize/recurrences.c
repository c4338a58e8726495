/// Recurrent layers and their gradients: every cell, in either direction, shared by sequences or by units. The bits have
/// to be those of one thread.
#include "check.h"

static float *perhaps_numbers(int64_t count) { return one_in(3) ? 0 : numbers(count); }

static int64_t gate_count(const espalier_recurrence *x) {
    return x->cell == espalier_cell_lstm ? 4 : x->cell == espalier_cell_gru ? 3 : 1;
}

static int64_t result_elements(const espalier_recurrence *x) {
    int64_t state = x->batch * x->units, gates = gate_count(x);
    int64_t states = x->steps + 1 + (x->cell == espalier_cell_lstm);
    return (states + (gates > 1 ? x->steps * (gates + 1) : 0)) * state;
}

static int64_t gradient_elements(const espalier_recurrence *x) {
    int64_t state = x->batch * x->units;
    int64_t states = 1 + (x->cell == espalier_cell_lstm) + (x->cell == espalier_cell_gru ? x->steps : 0);
    return (states + x->steps * gate_count(x)) * state;
}

/// Of few long sequences the units are shared, of more the sequences; of little work nothing is.
static espalier_recurrence draw(int kind, int threads) {
    espalier_recurrence x = {
        .cell = (int32_t)drawn(espalier_cell_tanh, espalier_cell_gru), .is_reversed = one_in(2), .steps = drawn(1, 4)};
    switch (kind) {
    case 0:
        x.batch = drawn(1, 2 * threads - 1);
        x.units = (int64_t)sqrt(2e6 / (double)(x.batch * gate_count(&x))) + drawn(1, 20);
        break;
    case 1:
    case 2:
        x.batch = drawn(2 * threads, 20);
        x.units = (int64_t)sqrt(5e5 / (double)(x.batch * gate_count(&x) * x.steps)) + drawn(1, 20);
        break;
    default:
        x.batch = drawn(1, 9);
        x.units = drawn(1, 70);
    }
    return x;
}

/// Computes the result, or the gradient, into memory of its own.
static float *run(espalier_recurrence x, int is_gradient, int threads) {
    int64_t count = is_gradient ? gradient_elements(&x) : result_elements(&x);
    float *memory = scratch(espalier_recurrence_scratch(&x, threads)), *written = scratch(count);
    x.scratch = memory;
    if (is_gradient) {
        x.gradient = written;
        espalier_run_recurrence_gradient(&x, threads);
    } else {
        x.result = written;
        espalier_run_recurrence(&x, threads);
    }
    free(memory);
    for (int64_t i = 0; i < count; i++) REQUIRE(isfinite(written[i]));
    return written;
}

static float *run_twice(const espalier_recurrence *x, int is_gradient, int threads) {
    int64_t count = is_gradient ? gradient_elements(x) : result_elements(x);
    float *alone = run(*x, is_gradient, 1), *together = run(*x, is_gradient, threads);
    REQUIRE(memcmp(alone, together, (size_t)count * sizeof(float)) == 0);
    free(alone);
    return together;
}

static void check_recurrence(espalier_recurrence x, int threads) {
    int64_t state = x.batch * x.units, gates = gate_count(&x);
    int is_lstm = x.cell == espalier_cell_lstm, is_gru = x.cell == espalier_cell_gru;
    float *projection = numbers(x.steps * state * gates), *weight = numbers(gates * x.units * x.units);
    float *bias = is_gru ? perhaps_numbers(x.units) : 0;
    float *hidden = perhaps_numbers(state), *cells = is_lstm ? perhaps_numbers(state) : 0;
    x.projection = projection;
    x.weight = weight;
    x.candidate_bias = bias;
    x.hidden = hidden;
    x.state = cells;
    float *result = run_twice(&x, 0, threads);
    float *sequence_cotangent = perhaps_numbers(x.steps * state), *hidden_cotangent = perhaps_numbers(state);
    float *state_cotangent = is_lstm ? perhaps_numbers(state) : 0;
    x.projection = x.candidate_bias = 0;
    x.result = result;
    x.sequence_cotangent = sequence_cotangent;
    x.hidden_cotangent = hidden_cotangent;
    x.state_cotangent = state_cotangent;
    free(run_twice(&x, 1, threads));
    free(projection);
    free(weight);
    free(bias);
    free(hidden);
    free(cells);
    free(result);
    free(sequence_cotangent);
    free(hidden_cotangent);
    free(state_cotangent);
}

void check_recurrences(void) {
    for (int i = 0; i < 144; i++) {
        int threads = 1 + i % 4;
        check_recurrence(draw(i / 4 % 6, threads), threads);
    }
}
