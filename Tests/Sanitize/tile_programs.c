/// Tile programs drawn at random: every instruction, every way in and out.
#include "check.h"

enum { most_of_a_kind = 4, most_instructions = 12 };

typedef struct {
    espalier_tile_program program;
    espalier_operand constants[most_of_a_kind], loads[most_of_a_kind];
    espalier_operand contiguous[most_of_a_kind], stores[most_of_a_kind];
    espalier_instruction instructions[most_instructions];
    espalier_reduction reductions[most_of_a_kind];
    espalier_piece *pieces;
    int64_t *first_pieces;
    uint32_t key[2];
} drawn_program;

/// The domain as [outer, reduced, inner], and how reductions are cut.
static void draw_domain(espalier_tile_program *p) {
    static const int64_t extents[] = {1, 2, 3, 16, 17, 100, 255, 256, 257, 511, 512, 513, 700, 1100};
    p->rank = 3;
    do {
        p->count = 1;
        for (int axis = 0; axis < p->rank; axis++) {
            p->extents[axis] = one_in(3) ? 1 : extents[drawn(0, sizeof extents / sizeof *extents - 1)];
            p->count *= p->extents[axis];
        }
    } while (p->count > 60000);
    p->outer = p->extents[0];
    p->reduced = p->extents[1];
    p->inner = p->extents[2];
    p->chunk = p->inner == 1 && one_in(2) ? p->reduced : drawn(1, p->reduced);
    p->column = p->inner < espalier_tile ? p->inner : espalier_tile;
    p->row = one_in(3) ? p->inner : 1;
    p->tile = p->row * (p->row < espalier_tile ? espalier_tile / p->row : 1);
}

/// An operand by strides in any order of the axes, with gaps; one that is read may repeat itself along axes.
static espalier_operand strided(const espalier_tile_program *p, int slot, int is_read) {
    espalier_operand result = {.slot = slot, .access = espalier_strided};
    int64_t span = one_in(3) ? 2 : 1, count = 1, turn = drawn(0, 2);
    for (int i = 0; i < 3; i++) {
        int64_t axis = (2 - i + turn) % 3;
        if (is_read && one_in(3)) continue;
        result.strides[axis] = span;
        count += (p->extents[axis] - 1) * span;
        span = span * p->extents[axis] + drawn(0, 2);
    }
    result.address = numbers(count);
    return result;
}

static espalier_instruction instruction(drawn_program *d, const int32_t *known, int count, int destination) {
    espalier_instruction result = {
        .opcode = (int32_t)drawn(0, espalier_random_uniform), .destination = destination,
        .stream = (uint32_t)drawn(0, 9), .key = d->key};
    for (int i = 0; i < 4; i++) result.operands[i] = known[drawn(0, count - 1)];
    int axis = (int)drawn(0, 2);
    result.extent = d->program.extents[axis];
    result.stride = 1;
    for (int after = axis + 1; after < 3; after++) result.stride *= d->program.extents[after];
    return result;
}

enum { parts = 2 };

/// Two parts of a domain of one axis, which may overlap, cut at the borders of tiles; chunks begin at such borders.
static void draw_parts(drawn_program *d) {
    espalier_tile_program *p = &d->program;
    int64_t tiles = (p->count + espalier_tile - 1) / espalier_tile, count = 0, begin[parts], end[parts];
    p->chunk = one_in(2) ? p->reduced : espalier_tile * drawn(1, 2);
    for (int i = 0; i < parts; i++) {
        begin[i] = drawn(0, p->count - 1);
        end[i] = drawn(begin[i] + 1, p->count);
    }
    d->pieces = malloc(sizeof *d->pieces * (size_t)(parts * tiles));
    d->first_pieces = malloc(sizeof *d->first_pieces * (size_t)(tiles + 1));
    for (int64_t tile = 0; tile < tiles; tile++) {
        int64_t start = tile * espalier_tile;
        d->first_pieces[tile] = count;
        for (int i = 0; i < parts; i++) {
            int64_t from = begin[i] > start ? begin[i] - start : 0, to = end[i] - start;
            if (to > espalier_tile) to = espalier_tile;
            if (from < to) d->pieces[count++] = (espalier_piece){(int32_t)from, (int32_t)to, i};
        }
    }
    d->first_pieces[tiles] = count;
}

/// A sum over parts, of numbers, their squares or those of their differences from a second slot's.
static espalier_reduction sum_over_parts(const drawn_program *d, int32_t slot, int32_t subtrahend) {
    static const int32_t operations[] = {
        espalier_reduce_sum, espalier_reduce_sum_of_squares, espalier_reduce_sum_of_squared_differences};
    int64_t tiles = (d->program.count + espalier_tile - 1) / espalier_tile;
    return (espalier_reduction){
        .slot = slot, .subtrahend = subtrahend, .operation = operations[drawn(0, 2)], .result = numbers(parts),
        .partials = numbers(d->first_pieces[tiles]), .parts = parts, .piece = d->pieces,
        .first_piece = d->first_pieces};
}

static void draw_program(drawn_program *d) {
    espalier_tile_program *p = &d->program;
    memset(d, 0, sizeof *d);
    draw_domain(p);
    d->key[0] = (uint32_t)drawn(0, UINT32_MAX);
    int32_t known[most_of_a_kind * 3 + most_instructions], rows[most_of_a_kind + most_instructions];
    int count = 0, row_count = 0;
    for (int64_t n = drawn(0, most_of_a_kind); p->constants < n; known[count++] = p->scratches++) {
        d->constants[p->constants++] =
            (espalier_operand){.slot = p->scratches, .access = espalier_splat, .address = numbers(1)};
    }
    for (int64_t n = drawn(0, most_of_a_kind); p->loads < n; known[count++] = p->scratches++) {
        d->loads[p->loads++] = strided(p, p->scratches, 1);
    }
    p->instructions = (int32_t)drawn(1, most_instructions);
    int first_result = p->scratches, memories = (int)drawn(1, most_of_a_kind);
    p->scratches += p->instructions;
    p->slots = p->scratches + memories;
    for (; p->contiguous < memories; p->contiguous++) {
        int slot = p->scratches + p->contiguous, by_row = p->contiguous > 0 && p->row > 1 && one_in(2);
        d->contiguous[p->contiguous] = (espalier_operand){
            .slot = slot, .access = espalier_contiguous, .by_row = by_row,
            .address = numbers(by_row ? p->count / p->row : p->count)};
        if (by_row) {
            rows[row_count++] = slot;
        } else {
            known[count++] = slot;
        }
    }
    for (int i = 0; i < p->instructions; i++) {
        int destination = first_result + i;
        if (row_count > 0 && one_in(4)) {
            d->instructions[i] = instruction(d, rows, row_count, one_in(2) ? rows[drawn(0, row_count - 1)] : destination);
            d->instructions[i].by_row = 1;
            rows[row_count++] = d->instructions[i].destination;
        } else if (p->row > 1 && one_in(3)) {
            int spreads = row_count > 0 && one_in(2);
            d->instructions[i] =
                spreads ? instruction(d, rows, row_count, destination) : instruction(d, known, count, destination);
            d->instructions[i].opcode = spreads ? espalier_row_spread : (int32_t)drawn(espalier_row_sum, espalier_row_minimum);
            if (spreads) {
                known[count++] = destination;
            } else {
                rows[row_count++] = destination;
            }
        } else {
            if (one_in(4)) destination = p->scratches;
            d->instructions[i] = instruction(d, known, count, destination);
            known[count++] = destination;
        }
    }
    for (int64_t n = drawn(0, most_of_a_kind); p->stores < n; p->stores++) {
        d->stores[p->stores] = strided(p, known[drawn(0, count - 1)], 0);
    }
    if (p->outer == 1 && p->inner == 1) draw_parts(d);
    int64_t chunks = (p->reduced + p->chunk - 1) / p->chunk, results = p->outer * p->inner;
    for (int64_t n = p->row > 1 || one_in(3) ? 0 : drawn(1, most_of_a_kind); p->reductions < n; p->reductions++) {
        int32_t slot = known[drawn(0, count - 1)];
        if (d->pieces && one_in(2)) {
            d->reductions[p->reductions] = sum_over_parts(d, slot, known[drawn(0, count - 1)]);
            continue;
        }
        d->reductions[p->reductions] = (espalier_reduction){
            .slot = slot, .operation = (int32_t)drawn(0, espalier_reduce_minimum), .result = numbers(results),
            .partials = chunks == 1 ? 0 : numbers(results * chunks)};
    }
    if (p->instructions > 1 && one_in(2)) {
        p->last_copies = 1;
        d->instructions[p->instructions - 1] =
            (espalier_instruction){.opcode = espalier_copy, .destination = p->scratches};
        for (int i = 0; i < 4; i++) d->instructions[p->instructions - 1].operands[i] = first_result;
    }
    p->constant = d->constants;
    p->load = d->loads;
    p->contiguous_slot = d->contiguous;
    p->instruction = d->instructions;
    p->store = d->stores;
    p->reduction = d->reductions;
    p->parallel = 1;
}

static void forget(const drawn_program *d) {
    for (int i = 0; i < most_of_a_kind; i++) {
        free(d->constants[i].address);
        free(d->loads[i].address);
        free(d->contiguous[i].address);
        free(d->stores[i].address);
        free(d->reductions[i].result);
        free(d->reductions[i].partials);
    }
    free(d->pieces);
    free(d->first_pieces);
    free(d->program.scratch);
}

void check_tile_programs(void) {
    for (int i = 0; i < 300; i++) {
        int threads = 1 + i % 4;
        drawn_program d;
        draw_program(&d);
        d.program.scratch = numbers(threads * espalier_tile_program_scratch(&d.program));
        espalier_tile_program_run(&d.program, threads);
        forget(&d);
    }
}
