/// The interpreter of tile programs.
#include "tile_program.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "team.h"
#include "tile_operations.h"

// Strided operands

/// Walks the runs of a strided operand along the last axis, for `n` elements from `position` on.
#define FOR_EACH_RUN(program, operand, position, n, body)                               \
    do {                                                                                \
        int64_t index[espalier_max_rank], rest = (position), done = 0;                  \
        int last = (program)->rank - 1;                                                 \
        float *memory = (operand)->address;                                             \
        for (int axis = last; axis >= 0; axis--) {                                      \
            index[axis] = rest % (program)->extents[axis];                              \
            rest /= (program)->extents[axis];                                           \
            memory += index[axis] * (operand)->strides[axis];                           \
        }                                                                               \
        int64_t stride = (operand)->strides[last];                                      \
        while (done < (n)) {                                                            \
            int64_t run = (program)->extents[last] - index[last];                       \
            run = run < (n) - done ? run : (n) - done;                                  \
            body;                                                                       \
            done += run;                                                                \
            index[last] += run;                                                         \
            memory += run * stride;                                                     \
            for (int axis = last; axis > 0 && index[axis] == (program)->extents[axis]; axis--) { \
                memory += (operand)->strides[axis - 1] - index[axis] * (operand)->strides[axis]; \
                index[axis] = 0;                                                        \
                index[axis - 1]++;                                                      \
            }                                                                           \
        }                                                                               \
    } while (0)

/// Gathers a strided operand into `tile`, or returns where it lies if it is contiguous for this tile.
INLINE float *gather_tile(
    const espalier_tile_program *program, const espalier_operand *operand, float *tile, int64_t position, int64_t n) {
    FOR_EACH_RUN(program, operand, position, n, {
        if (stride == 1) {
            if (run == n) return memory;
            memcpy(tile + done, memory, (size_t)run * sizeof *tile);
        } else if (stride == 0) {
            float value = *memory;
            for (int64_t i = 0; i < run; i++) tile[done + i] = value;
        } else {
            for (int64_t i = 0; i < run; i++) tile[done + i] = memory[i * stride];
        }
    });
    return tile;
}

INLINE void scatter_tile(
    const espalier_tile_program *program, const espalier_operand *operand, const float *tile, int64_t position,
    int64_t n) {
    FOR_EACH_RUN(program, operand, position, n, {
        for (int64_t i = 0; i < run; i++) memory[i * stride] = tile[done + i];
    });
}

// Reductions of neighbours

INLINE float identity(int operation) {
    return operation == espalier_reduce_sum ? 0.0f : operation == espalier_reduce_maximum ? -INFINITY : INFINITY;
}

INLINE float combine(int operation, float a, float b) {
    switch (operation) {
    case espalier_reduce_sum: return a + b;
    case espalier_reduce_maximum: return a > b || a != a ? a : b;
    default: return a < b || a != a ? a : b;
    }
}

enum { lanes = 16 };

/// Numbers that are combined side by side. Left to find them in a loop over lanes, compilers take two at a time.
typedef float lane_vector __attribute__((vector_size(lanes * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef int32_t lane_mask __attribute__((vector_size(lanes * sizeof(int32_t))));

/// Reduces `n` neighbours to one, over 16 lanes that are combined at the end.
INLINE float reduce_run_by(int operation, const float *x, int64_t n) {
    float lane[lanes];
    float result = identity(operation);
    int64_t i = 0;
    if (n >= lanes) {
        lane_vector all = *(const lane_vector *)x;
        for (i = lanes; i + lanes <= n; i += lanes) {
            lane_vector next = *(const lane_vector *)(x + i);
            if (operation == espalier_reduce_sum) {
                all += next;
            } else {
                lane_mask stays = (operation == espalier_reduce_maximum ? all > next : all < next) | (all != all);
                all = (lane_vector)((stays & (lane_mask)all) | (~stays & (lane_mask)next));
            }
        }
        memcpy(lane, &all, sizeof lane);
        for (int width = lanes / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) lane[j] = combine(operation, lane[j], lane[j + width]);
        }
        result = lane[0];
    }
    for (; i < n; i++) result = combine(operation, result, x[i]);
    return result;
}

/// The operation as a constant, so that each has a loop of its own.
INLINE float reduce_run(int operation, const float *x, int64_t n) {
    switch (operation) {
    case espalier_reduce_sum: return reduce_run_by(espalier_reduce_sum, x, n);
    case espalier_reduce_maximum: return reduce_run_by(espalier_reduce_maximum, x, n);
    default: return reduce_run_by(espalier_reduce_minimum, x, n);
    }
}

/// The sum of the squares of `x`, or of `x - y`, over 64 lanes.
INLINE float sum_squares(const float *x, const float *y, int64_t n, int subtracts) {
    enum { vectors = 4 };
    lane_vector sum[vectors] = {{0}};
    int64_t i = 0;
    for (; i + vectors * lanes <= n; i += vectors * lanes) {
        for (int j = 0; j < vectors; j++) {
            lane_vector a = *(const lane_vector *)(x + i + j * lanes);
            if (subtracts) a -= *(const lane_vector *)(y + i + j * lanes);
            sum[j] += a * a;
        }
    }
    lane_vector all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    float lane[lanes];
    memcpy(lane, &all, sizeof lane);
    for (int width = lanes / 2; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) lane[j] += lane[j + width];
    }
    for (; i < n; i++) {
        float a = subtracts ? x[i] - y[i] : x[i];
        lane[0] += a * a;
    }
    return lane[0];
}

/// Sums the pieces of parts that lie in a tile.
INLINE void reduce_pieces(const espalier_reduction *reduction, int64_t tile, float *const *slots) {
    const float *x = slots[reduction->slot], *y = slots[reduction->subtrahend];
    for (int64_t i = reduction->first_piece[tile]; i < reduction->first_piece[tile + 1]; i++) {
        const espalier_piece *piece = &reduction->piece[i];
        int64_t at = piece->begin, n = piece->end - at;
        reduction->partials[i] =
            reduction->operation == espalier_reduce_sum_of_squares ? sum_squares(x + at, x + at, n, 0)
            : reduction->operation == espalier_reduce_sum_of_squared_differences ? sum_squares(x + at, y + at, n, 1)
            : reduce_run_by(espalier_reduce_sum, x + at, n);
    }
}

// Tiles

/// Instructions between the elements of rows and one value for each row.
INLINE void row_operation(int opcode, float *destination, const float *x, int64_t rows, int64_t width) {
    if (opcode == espalier_row_spread) {
        for (int64_t i = 0; i < rows; i++) {
            float value = x[i], *row = destination + i * width;
            for (int64_t j = 0; j < width; j++) row[j] = value;
        }
        return;
    }
    int operation = opcode == espalier_row_sum ? espalier_reduce_sum
        : opcode == espalier_row_maximum ? espalier_reduce_maximum : espalier_reduce_minimum;
    for (int64_t i = 0; i < rows; i++) destination[i] = reduce_run(operation, x + i * width, width);
}

/// What comes before the reductions.
INLINE void run_tile(
    const espalier_tile_program *program, float *const *scratch, float **slots, int64_t position, int64_t n) {
    for (int i = 0; i < program->contiguous; i++) {
        const espalier_operand *operand = &program->contiguous_slot[i];
        slots[operand->slot] = operand->address + (operand->by_row ? position / program->row : position);
    }
    for (int i = 0; i < program->loads; i++) {
        const espalier_operand *load = &program->load[i];
        slots[load->slot] = gather_tile(program, load, scratch[load->slot], position, n);
    }
    for (int i = 0; i < program->instructions - program->last_copies; i++) {
        const espalier_instruction *next = &program->instruction[i];
        if (next->opcode >= espalier_row_sum) {
            row_operation(
                next->opcode, slots[next->destination], slots[next->operands[0]], n / program->row, program->row);
            continue;
        }
        tile_operation(
            next, slots[next->destination], slots[next->operands[0]], slots[next->operands[1]],
            slots[next->operands[2]], slots[next->operands[3]], next->by_row ? position / program->row : position,
            next->by_row ? n / program->row : n);
    }
    for (int i = 0; i < program->stores; i++) {
        scatter_tile(program, &program->store[i], slots[program->store[i].slot], position, n);
    }
}

/// What comes after them.
INLINE void run_last_copies(const espalier_tile_program *program, float **slots, int64_t n) {
    for (int i = program->instructions - program->last_copies; i < program->instructions; i++) {
        const espalier_instruction *copy = &program->instruction[i];
        memcpy(
            slots[copy->destination], slots[copy->operands[0]],
            (size_t)(copy->by_row ? n / program->row : n) * sizeof(float));
    }
}

/// Points scratch slots at their memory and fills the constant ones.
INLINE void prepare(
    const espalier_tile_program *program, float *memory, float **scratch, float **slots, int64_t n) {
    for (int slot = 0; slot < program->slots; slot++) {
        scratch[slot] = slot < program->scratches ? memory + (int64_t)slot * program->tile : memory;
        slots[slot] = scratch[slot];
    }
    for (int i = 0; i < program->constants; i++) {
        float value = *program->constant[i].address;
        float *tile = slots[program->constant[i].slot];
        for (int64_t j = 0; j < n; j++) tile[j] = value;
    }
    for (int i = 0; i < program->periodics; i++) {
        const espalier_operand *operand = &program->periodic[i];
        float *tile = slots[operand->slot];
        int64_t period = operand->strides[0];
        for (int64_t j = 0; j < n; j++) tile[j] = j < period ? operand->address[j] : tile[j - period];
    }
}

KERNEL_CLONES void espalier_run_flat(
    const espalier_tile_program *program, float *memory, int64_t begin, int64_t end) {
    float *scratch[espalier_max_slots], *slots[espalier_max_slots];
    if (begin >= end) return;
    prepare(program, memory, scratch, slots, end - begin < program->tile ? end - begin : program->tile);
    for (int64_t position = begin; position < end; position += program->tile) {
        int64_t n = end - position < program->tile ? end - position : program->tile;
        run_tile(program, scratch, slots, position, n);
        run_last_copies(program, slots, n);
    }
}

// Reductions

/// Combines `rows` rows of `width` neighbours into `accumulator`, which is no part of them.
INLINE void reduce_rows(
    int operation, float *restrict accumulator, const float *restrict x, int64_t rows, int64_t width) {
    for (int64_t row = 0; row < rows; row++, x += width) {
        if (operation == espalier_reduce_sum) {
            for (int64_t i = 0; i < width; i++) accumulator[i] += x[i];
        } else {
            for (int64_t i = 0; i < width; i++) accumulator[i] = combine(operation, accumulator[i], x[i]);
        }
    }
}

INLINE float *reduction_target(const espalier_tile_program *program, const espalier_reduction *reduction, int64_t chunk) {
    int64_t chunks = (program->reduced + program->chunk - 1) / program->chunk;
    return chunks == 1 ? reduction->result : reduction->partials + chunk * program->outer * program->inner;
}

/// Reduces along the last axis: rows `begin..<end` of [outer, chunks].
INLINE void reduce_along_rows(
    const espalier_tile_program *program, float *const *scratch, float **slots, int64_t begin, int64_t end) {
    int64_t reduced = program->reduced;
    int64_t chunks = (reduced + program->chunk - 1) / program->chunk;
    if (chunks == 1 && reduced <= espalier_tile / 2) {
        // Several short rows share a tile.
        int64_t group = espalier_tile / reduced;
        for (int64_t row = begin; row < end; row += group) {
            int64_t rows = end - row < group ? end - row : group;
            run_tile(program, scratch, slots, row * reduced, rows * reduced);
            for (int r = 0; r < program->reductions; r++) {
                const espalier_reduction *reduction = &program->reduction[r];
                if (reduction->parts > 0) {
                    reduce_pieces(reduction, 0, slots);
                    continue;
                }
                for (int64_t i = 0; i < rows; i++) {
                    reduction->result[row + i] =
                        reduce_run(reduction->operation, slots[reduction->slot] + i * reduced, reduced);
                }
            }
            run_last_copies(program, slots, rows * reduced);
        }
        return;
    }
    for (int64_t task = begin; task < end; task++) {
        int64_t row = task / chunks, chunk = task % chunks;
        int64_t first = chunk * program->chunk;
        int64_t last = first + program->chunk < reduced ? first + program->chunk : reduced;
        for (int r = 0; r < program->reductions; r++) {
            const espalier_reduction *reduction = &program->reduction[r];
            if (reduction->parts == 0) reduction_target(program, reduction, chunk)[row] = identity(reduction->operation);
        }
        for (int64_t i = first; i < last; i += espalier_tile) {
            int64_t n = last - i < espalier_tile ? last - i : espalier_tile;
            run_tile(program, scratch, slots, row * reduced + i, n);
            for (int r = 0; r < program->reductions; r++) {
                const espalier_reduction *reduction = &program->reduction[r];
                if (reduction->parts > 0) {
                    reduce_pieces(reduction, i / espalier_tile, slots);
                    continue;
                }
                float *target = reduction_target(program, reduction, chunk) + row;
                *target = combine(
                    reduction->operation, *target, reduce_run(reduction->operation, slots[reduction->slot], n));
            }
            run_last_copies(program, slots, n);
        }
    }
}

/// Reduces along an axis with others after it: tasks `begin..<end` of [outer, chunks, columns].
INLINE void reduce_along_columns(
    const espalier_tile_program *program, float *accumulators, float *const *scratch, float **slots, int64_t begin,
    int64_t end) {
    int64_t reduced = program->reduced, inner = program->inner;
    int64_t chunks = (reduced + program->chunk - 1) / program->chunk;
    int64_t columns = (inner + program->column - 1) / program->column;
    for (int64_t task = begin; task < end; task++) {
        int64_t outer = task / (chunks * columns), chunk = task / columns % chunks;
        int64_t column = task % columns * program->column;
        int64_t width = inner - column < program->column ? inner - column : program->column;
        int64_t first = chunk * program->chunk;
        int64_t last = first + program->chunk < reduced ? first + program->chunk : reduced;
        // Rows that are taken whole lie one after the other, so several fit in a tile.
        int64_t group = width == inner ? espalier_tile / inner : 1;
        for (int r = 0; r < program->reductions; r++) {
            float start = identity(program->reduction[r].operation);
            for (int64_t i = 0; i < group * width; i++) accumulators[r * espalier_tile + i] = start;
        }
        for (int64_t row = first; row < last; row += group) {
            int64_t rows = last - row < group ? last - row : group;
            run_tile(program, scratch, slots, (outer * reduced + row) * inner + column, rows * width);
            for (int r = 0; r < program->reductions; r++) {
                // Each row of the group by itself: what is added next does not wait for what was added last.
                const espalier_reduction *reduction = &program->reduction[r];
                reduce_rows(
                    reduction->operation, accumulators + r * espalier_tile, slots[reduction->slot], 1, rows * width);
            }
            run_last_copies(program, slots, rows * width);
        }
        for (int r = 0; r < program->reductions; r++) {
            const float *rows = accumulators + r * espalier_tile;
            float *target = reduction_target(program, &program->reduction[r], chunk) + outer * inner + column;
            memcpy(target, rows, (size_t)width * sizeof *target);
            reduce_rows(program->reduction[r].operation, target, rows + width, group - 1, width);
        }
    }
}

KERNEL_CLONES void espalier_run_reducing(
    const espalier_tile_program *program, float *memory, int64_t begin, int64_t end) {
    float *scratch[espalier_max_slots], *slots[espalier_max_slots];
    if (begin >= end) return;
    float *accumulators = memory + (int64_t)program->scratches * espalier_tile;
    prepare(program, memory, scratch, slots, program->count < espalier_tile ? program->count : espalier_tile);
    if (program->inner == 1) {
        reduce_along_rows(program, scratch, slots, begin, end);
    } else {
        reduce_along_columns(program, accumulators, scratch, slots, begin, end);
    }
}

KERNEL_CLONES void espalier_combine_partials(const espalier_tile_program *program) {
    int64_t chunks = (program->reduced + program->chunk - 1) / program->chunk;
    int64_t width = program->outer * program->inner;
    for (int r = 0; r < program->reductions; r++) {
        const espalier_reduction *reduction = &program->reduction[r];
        if (reduction->parts > 0) {
            int64_t pieces = reduction->first_piece[(program->count + espalier_tile - 1) / espalier_tile];
            memset(reduction->result, 0, (size_t)reduction->parts * sizeof(float));
            for (int64_t i = 0; i < pieces; i++) reduction->result[reduction->piece[i].part] += reduction->partials[i];
            continue;
        }
        if (chunks == 1) continue;
        memcpy(reduction->result, reduction->partials, (size_t)width * sizeof(float));
        reduce_rows(reduction->operation, reduction->result, reduction->partials + width, chunks - 1, width);
    }
}

// Threads

/// Work is cut into so many bands a thread.
enum { bands_a_member = 8 };

static int64_t task_count(const espalier_tile_program *program) {
    if (program->reductions == 0) return (program->count + program->tile - 1) / program->tile;
    int64_t chunks = (program->reduced + program->chunk - 1) / program->chunk;
    return program->outer * chunks * ((program->inner + program->column - 1) / program->column);
}

typedef struct {
    const espalier_tile_program *program;
    int64_t tasks, band;
    /// The next task that nobody has taken.
    int64_t next;
} program_work;

/// Takes bands of tasks until there are none: a thread that is held up does not hold up the others.
static void run_member(void *context, int member, int members) {
    (void)members;
    program_work *work = context;
    const espalier_tile_program *program = work->program;
    float *memory = program->scratch + espalier_tile_program_scratch(program) * member;
    for (;;) {
        int64_t begin = __atomic_fetch_add(&work->next, work->band, __ATOMIC_RELAXED), end = begin + work->band;
        if (begin >= work->tasks) return;
        if (end > work->tasks) end = work->tasks;
        if (program->reductions > 0) {
            espalier_run_reducing(program, memory, begin, end);
        } else {
            int64_t last = end * program->tile < program->count ? end * program->tile : program->count;
            espalier_run_flat(program, memory, begin * program->tile, last);
        }
    }
}

int64_t espalier_tile_program_scratch(const espalier_tile_program *program) {
    return (int64_t)(program->scratches + program->reductions + 1) * program->tile;
}

void espalier_tile_program_run(const espalier_tile_program *program, int threads) {
    if (program->count > 0) {
        program_work work = {.program = program, .tasks = task_count(program)};
        int members = !program->parallel ? 1 : work.tasks < threads ? (int)work.tasks : threads;
        work.band = members == 1 ? work.tasks : (work.tasks + members * bands_a_member - 1) / (members * bands_a_member);
        espalier_team_run(members, run_member, &work);
    }
    if (program->reductions > 0 && program->count > 0) espalier_combine_partials(program);
}
