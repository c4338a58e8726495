/// Element-wise chains as short programs that run over tiles small enough to stay in the first-level cache.
///
/// A program walks the elements of its domain in row-major order, a tile of consecutive elements at a time. A *slot*
/// is a value of the program for the present tile: memory of the outside where an operand or a result is contiguous
/// in the domain, else scratch. Instructions compute slots from slots. Results leave through contiguous slots, strided
/// stores, and reductions.
///
/// In a *row program* a tile is made of whole rows, the domain's last axis. There are slots of one value a row besides:
/// instructions reduce a slot along its rows, compute with such values, and spread them over their rows, so that what
/// depends on statistics of its row is computed while the row is in the cache.
#pragma once

#include <stdint.h>

enum {
    espalier_tile = 512,     ///< elements per tile, but for row programs
    espalier_max_row = 2048, ///< elements of a row in a row program
    espalier_max_rank = 8,   ///< axes of a domain
    espalier_max_slots = 96, ///< slots of a program
};

typedef enum {
    // float32 -> float32
    espalier_copy, espalier_negate, espalier_absolute, espalier_sign, espalier_exponential,
    espalier_exponential_minus_one, espalier_logarithm, espalier_logarithm_one_plus, espalier_square_root,
    espalier_reciprocal_square_root, espalier_reciprocal, espalier_square, espalier_sine, espalier_cosine,
    espalier_hyperbolic_tangent, espalier_sigmoid, espalier_relu, espalier_error_function, espalier_floor,
    espalier_ceiling, espalier_round, espalier_logical_not,
    // float32, float32 -> float32
    espalier_add, espalier_subtract, espalier_multiply, espalier_divide, espalier_power, espalier_maximum,
    espalier_minimum, espalier_equal, espalier_not_equal, espalier_less, espalier_less_or_equal, espalier_greater,
    espalier_greater_or_equal, espalier_logical_and, espalier_logical_or,
    // bool, any, any -> any; a * b + c; where a > b: c, else 0
    espalier_select, espalier_multiply_add, espalier_pass_if_greater,
    // a s + b t; a s + b^2 t; sqrt(a) s + t; a - s b / c, where s and t are the same for all elements: the operands in
    // the order a, b, c, s, t
    espalier_scaled_sum, espalier_scaled_sum_of_square, espalier_scaled_root_sum, espalier_subtract_scaled_quotient,
    // int32
    espalier_integer_negate, espalier_integer_absolute, espalier_integer_sign, espalier_integer_square,
    espalier_integer_relu, espalier_integer_add, espalier_integer_subtract, espalier_integer_multiply,
    espalier_integer_maximum, espalier_integer_minimum, espalier_integer_equal, espalier_integer_not_equal,
    espalier_integer_less, espalier_integer_less_or_equal, espalier_integer_greater,
    espalier_integer_greater_or_equal,
    // between types
    espalier_float_to_integer, espalier_integer_to_float, espalier_float_to_bool, espalier_integer_to_bool,
    // from the position alone
    espalier_iota, espalier_random_uniform,
    // in row programs: a value for each row, and a row for each value
    espalier_row_sum, espalier_row_maximum, espalier_row_minimum, espalier_row_spread,
} espalier_opcode;

/// One operation on whole tiles.
typedef struct {
    int32_t opcode;
    int32_t destination;
    int32_t operands[4];
    int32_t by_row;      ///< whether it computes values of rows from values of rows
    uint32_t stream;     ///< random_uniform
    const uint32_t *key; ///< random_uniform: two words
    int64_t extent;      ///< iota: of its axis
    int64_t stride;      ///< iota: elements per step along its axis
} espalier_instruction;

typedef enum {
    espalier_contiguous, ///< element f of the domain is element f of memory
    espalier_splat,      ///< one element for the whole domain
    espalier_periodic,   ///< the first `strides[0]` elements of memory, again and again; tiles begin at multiples of that
    espalier_strided,    ///< by strides along the axes of the domain
} espalier_access;

/// How a slot meets memory outside of the program. `address` is that of the domain's first element.
typedef struct {
    int32_t slot;
    int32_t access;
    int32_t by_row; ///< whether there is one element a row; contiguous ones alone
    float *address;
    int64_t strides[espalier_max_rank];
} espalier_operand;

typedef enum {
    espalier_reduce_sum, espalier_reduce_maximum, espalier_reduce_minimum,
    espalier_reduce_sum_of_squares,             ///< of parts alone
    espalier_reduce_sum_of_squared_differences, ///< likewise
} espalier_reduction_operation;

/// What lies in one tile of a part of the domain that is reduced by itself.
typedef struct {
    int32_t begin, end; ///< elements of the tile
    int32_t part;
} espalier_piece;

/// A slot reduced over the middle axis of the domain seen as [outer, reduced, inner]; or, where that axis is all of it, its
/// sums over parts.
typedef struct {
    int32_t slot;
    int32_t subtrahend; ///< the slot whose elements are subtracted, of squared differences
    int32_t operation;
    float *result;   ///< [outer, inner], or [parts]
    float *partials; ///< [chunks, outer, inner] where there is more than one chunk, or one for each piece
    int64_t parts;   ///< zero where it is not of parts
    const espalier_piece *piece;  ///< tile after tile
    const int64_t *first_piece;   ///< [tiles + 1]
} espalier_reduction;

/// A program, ready to run: every address is set.
typedef struct {
    int64_t count; ///< elements of the domain
    int64_t tile;  ///< elements of a tile
    int64_t row;   ///< of a row program, elements of a row, of which tile and count are multiples; else 1
    int32_t rank;
    int64_t extents[espalier_max_rank];

    // Only with reductions: the domain as [outer, reduced, inner], and how it is cut into tasks.
    int64_t outer, reduced, inner;
    int64_t chunk;  ///< elements of the reduced axis per task
    int64_t column; ///< elements of the inner axis per task

    int32_t slots;       ///< all slots
    int32_t scratches;   ///< slots kept in scratch: those below this number
    int32_t constants;
    int32_t periodics;
    int32_t loads;
    int32_t instructions;
    int32_t last_copies; ///< so many of the last instructions come after the reductions, which read what they write over
    int32_t stores;      ///< strided ones; contiguous results are slots like contiguous operands
    int32_t contiguous;  ///< slots that are memory of the outside
    int32_t reductions;
    int32_t parallel;    ///< whether the work is worth more than one thread

    const espalier_operand *constant; ///< splats: filled once per thread
    const espalier_operand *periodic; ///< likewise
    const espalier_operand *load;     ///< strided loads: filled once per tile
    const espalier_operand *contiguous_slot;
    const espalier_instruction *instruction;
    const espalier_operand *store;
    const espalier_reduction *reduction;

    float *scratch; ///< espalier_tile_program_scratch(...) floats per thread
} espalier_tile_program;

/// Floats of scratch that one thread needs.
int64_t espalier_tile_program_scratch(const espalier_tile_program *program);

/// Runs the program on up to `threads` threads.
void espalier_tile_program_run(const espalier_tile_program *program, int threads);
