/// What each instruction of a tile program does to a tile. Included by the interpreter alone.
#pragma once

#include "philox.h"
#include "tile_program.h"
#include "vector_math.h"

#define INLINE static inline __attribute__((always_inline))

// A result may be the very memory of an operand; element i depends on elements i alone, so the loop may be vectorised.
#define EACH(expression)                                                       \
    do {                                                                       \
        _Pragma("clang loop vectorize(assume_safety)")                         \
        for (int64_t i = 0; i < n; i++) d[i] = (expression);                   \
    } while (0)

#define INTEGER_EACH(expression)                                               \
    do {                                                                       \
        int32_t *d = (int32_t *)destination;                                   \
        const int32_t *a = (const int32_t *)first, *b = (const int32_t *)second; \
        (void)b;                                                               \
        _Pragma("clang loop vectorize(assume_safety)")                         \
        for (int64_t i = 0; i < n; i++) d[i] = (expression);                   \
    } while (0)

#define INTEGER_PREDICATE(expression)                                          \
    do {                                                                       \
        const int32_t *a = (const int32_t *)first, *b = (const int32_t *)second; \
        (void)b;                                                               \
        _Pragma("clang loop vectorize(assume_safety)")                         \
        for (int64_t i = 0; i < n; i++) d[i] = (expression) ? 1.0f : 0.0f;     \
    } while (0)

/// Runs one instruction on `n` elements, the first of which is element `position` of the domain.
INLINE void tile_operation(
    const espalier_instruction *instruction, float *destination, const float *first, const float *second,
    const float *third, const float *fourth, int64_t position, int64_t n) {
    float *d = destination;
    const float *a = first, *b = second, *c = third;
    switch ((espalier_opcode)instruction->opcode) {
    case espalier_copy: EACH(a[i]); break;
    case espalier_negate: EACH(-a[i]); break;
    case espalier_absolute: EACH(vm_magnitude(a[i])); break;
    case espalier_sign: EACH(a[i] > 0 ? 1.0f : a[i] < 0 ? -1.0f : a[i]); break;
    case espalier_exponential: EACH(vm_exp(a[i])); break;
    case espalier_exponential_minus_one: EACH(vm_expm1(a[i])); break;
    case espalier_logarithm: EACH(vm_log(a[i])); break;
    case espalier_logarithm_one_plus: EACH(vm_log1p(a[i])); break;
    case espalier_square_root: EACH(__builtin_sqrtf(a[i])); break;
    case espalier_reciprocal_square_root: EACH(1.0f / __builtin_sqrtf(a[i])); break;
    case espalier_reciprocal: EACH(1.0f / a[i]); break;
    case espalier_square: EACH(a[i] * a[i]); break;
    case espalier_sine: EACH(vm_sin(a[i])); break;
    case espalier_cosine: EACH(vm_cos(a[i])); break;
    case espalier_hyperbolic_tangent: EACH(vm_tanh(a[i])); break;
    case espalier_sigmoid: EACH(vm_sigmoid(a[i])); break;
    case espalier_relu: EACH(a[i] <= 0 ? 0.0f : a[i]); break; // NaN stays NaN
    case espalier_error_function: EACH(vm_erf(a[i])); break;
    case espalier_floor: EACH(__builtin_floorf(a[i])); break;
    case espalier_ceiling: EACH(__builtin_ceilf(a[i])); break;
    case espalier_round: EACH(__builtin_rintf(a[i])); break;
    case espalier_logical_not: EACH(a[i] == 0 ? 1.0f : 0.0f); break;
    case espalier_add: EACH(a[i] + b[i]); break;
    case espalier_subtract: EACH(a[i] - b[i]); break;
    case espalier_multiply: EACH(a[i] * b[i]); break;
    case espalier_divide: EACH(a[i] / b[i]); break;
    case espalier_power: EACH(vm_pow(a[i], b[i])); break;
    case espalier_maximum: EACH(a[i] > b[i] || a[i] != a[i] ? a[i] : b[i]); break;
    case espalier_minimum: EACH(a[i] < b[i] || a[i] != a[i] ? a[i] : b[i]); break;
    case espalier_equal: EACH(a[i] == b[i] ? 1.0f : 0.0f); break;
    case espalier_not_equal: EACH(a[i] != b[i] ? 1.0f : 0.0f); break;
    case espalier_less: EACH(a[i] < b[i] ? 1.0f : 0.0f); break;
    case espalier_less_or_equal: EACH(a[i] <= b[i] ? 1.0f : 0.0f); break;
    case espalier_greater: EACH(a[i] > b[i] ? 1.0f : 0.0f); break;
    case espalier_greater_or_equal: EACH(a[i] >= b[i] ? 1.0f : 0.0f); break;
    case espalier_logical_and: EACH(a[i] != 0 && b[i] != 0 ? 1.0f : 0.0f); break;
    case espalier_logical_or: EACH(a[i] != 0 || b[i] != 0 ? 1.0f : 0.0f); break;
    case espalier_select: {
        // By masks, so that integers pass through unchanged and no load depends on a condition.
        uint32_t *d = (uint32_t *)destination;
        const uint32_t *b = (const uint32_t *)second, *c = (const uint32_t *)third;
        EACH((b[i] & -(uint32_t)(a[i] != 0)) | (c[i] & -(uint32_t)(a[i] == 0)));
        break;
    }
    case espalier_multiply_add: EACH(a[i] * b[i] + c[i]); break;
    case espalier_pass_if_greater: {
        uint32_t *d = (uint32_t *)destination;
        const uint32_t *c = (const uint32_t *)third;
        EACH(c[i] & -(uint32_t)(a[i] > b[i]));
        break;
    }
    case espalier_scaled_sum: {
        float s = third[0], t = fourth[0];
        EACH(a[i] * s + b[i] * t);
        break;
    }
    case espalier_scaled_sum_of_square: {
        float s = third[0], t = fourth[0];
        EACH(a[i] * s + b[i] * b[i] * t);
        break;
    }
    case espalier_scaled_root_sum: {
        float s = second[0], t = third[0];
        EACH(__builtin_sqrtf(a[i]) * s + t);
        break;
    }
    case espalier_subtract_scaled_quotient: {
        float s = fourth[0];
        EACH(a[i] - s * (b[i] / c[i]));
        break;
    }
    case espalier_integer_negate: INTEGER_EACH((int32_t)(0u - (uint32_t)a[i])); break;
    case espalier_integer_absolute: INTEGER_EACH((int32_t)(a[i] < 0 ? 0u - (uint32_t)a[i] : (uint32_t)a[i])); break;
    case espalier_integer_sign: INTEGER_EACH((a[i] > 0) - (a[i] < 0)); break;
    case espalier_integer_square: INTEGER_EACH((int32_t)((uint32_t)a[i] * (uint32_t)a[i])); break;
    case espalier_integer_relu: INTEGER_EACH(a[i] > 0 ? a[i] : 0); break;
    case espalier_integer_add: INTEGER_EACH((int32_t)((uint32_t)a[i] + (uint32_t)b[i])); break;
    case espalier_integer_subtract: INTEGER_EACH((int32_t)((uint32_t)a[i] - (uint32_t)b[i])); break;
    case espalier_integer_multiply: INTEGER_EACH((int32_t)((uint32_t)a[i] * (uint32_t)b[i])); break;
    case espalier_integer_maximum: INTEGER_EACH(a[i] > b[i] ? a[i] : b[i]); break;
    case espalier_integer_minimum: INTEGER_EACH(a[i] < b[i] ? a[i] : b[i]); break;
    case espalier_integer_equal: INTEGER_PREDICATE(a[i] == b[i]); break;
    case espalier_integer_not_equal: INTEGER_PREDICATE(a[i] != b[i]); break;
    case espalier_integer_less: INTEGER_PREDICATE(a[i] < b[i]); break;
    case espalier_integer_less_or_equal: INTEGER_PREDICATE(a[i] <= b[i]); break;
    case espalier_integer_greater: INTEGER_PREDICATE(a[i] > b[i]); break;
    case espalier_integer_greater_or_equal: INTEGER_PREDICATE(a[i] >= b[i]); break;
    case espalier_float_to_integer: {
        // Out of range, the conversion of C is undefined; the nearest whole number is defined, NaN becomes 0.
        int32_t *d = (int32_t *)destination;
        EACH(a[i] >= 0x1p31f ? INT32_MAX : a[i] < -0x1p31f ? INT32_MIN : a[i] != a[i] ? 0 : (int32_t)a[i]);
        break;
    }
    case espalier_integer_to_float: {
        const int32_t *a = (const int32_t *)first;
        EACH((float)a[i]);
        break;
    }
    case espalier_float_to_bool: EACH(a[i] != 0 ? 1.0f : 0.0f); break;
    case espalier_integer_to_bool: INTEGER_PREDICATE(a[i] != 0); break;
    case espalier_iota: {
        int32_t *d = (int32_t *)destination;
        int64_t extent = instruction->extent, stride = instruction->stride;
        int64_t step = position % stride, value = position / stride % extent;
        for (int64_t i = 0; i < n; i++) {
            d[i] = (int32_t)value;
            if (++step == stride) {
                step = 0;
                value = value + 1 == extent ? 0 : value + 1;
            }
        }
        break;
    }
    case espalier_random_uniform: {
        uint32_t words[espalier_tile];
        int64_t end = n;
        for (int64_t start = 0; start < end; start += espalier_tile, d += espalier_tile) {
            int64_t n = end - start < espalier_tile ? end - start : espalier_tile;
            philox_words(
                words, (uint64_t)(position + start), n, instruction->stream, instruction->key[0],
                instruction->key[1]);
            EACH(philox_uniform(words[i]));
        }
        break;
    }
    case espalier_row_sum: case espalier_row_maximum: case espalier_row_minimum: case espalier_row_spread:
        break; // of whole rows: the interpreter's own
    }
}
