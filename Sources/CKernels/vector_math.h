/// Elementary functions in single precision, written so that a loop over them becomes vector code.
///
/// Use them in a KERNEL_LOOP (`clones.h`). No branches, no calls, no tables. Each is right for every float: subnormal
/// numbers on either side, signed zeros, infinities, NaN. None depends on whether a * b + c is contracted to a fused
/// multiply-add. "Error" is the largest over all 2^32 inputs, with and without that contraction, in units in the last
/// place of the exact result. The polynomials are minimax fits made for this file.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#define VECTOR_MATH static inline __attribute__((always_inline))

// Bits

VECTOR_MATH uint32_t vm_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

VECTOR_MATH float vm_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

VECTOR_MATH float vm_magnitude(float x) { return vm_float(vm_bits(x) & 0x7FFFFFFF); }

/// `x` with the sign bit of `sign` set as well.
VECTOR_MATH float vm_or_sign(float x, float sign) { return vm_float(vm_bits(x) | (vm_bits(sign) & 0x80000000)); }

/// 2^n for -126 <= n <= 127.
VECTOR_MATH float vm_power_of_two(int32_t n) { return vm_float((uint32_t)(n + 127) << 23); }

// Exponential

/// exp(x) = 2^n (1 + q).
typedef struct {
    int32_t n;
    float q;
} vm_exponential;

/// Splits x = n ln 2 + r with |r| <= ln(2) / 2, and q = exp(r) - 1 to full relative precision; |x| below 1,000.
VECTOR_MATH vm_exponential vm_split_exponential(float x) {
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    const float shift = 0x1.8p23f;
    float shifted = x * 0x1.715476p0f + shift;
    float n = shifted - shift;
    // ln 2 in two parts, the first so short that n times it is exact.
    float r = (x - n * 0x1.63p-1f) - n * -2.12194440e-4f;
    float p = 1.388193108e-03f;
    p = p * r + 8.369279094e-03f;
    p = p * r + 4.166732356e-02f;
    p = p * r + 1.666651517e-01f;
    p = p * r + 4.999999702e-01f;
    vm_exponential parts = {(int32_t)(vm_bits(shifted) - vm_bits(shift)), (r * r) * p + r};
    return parts;
}

/// e^x. Error: EXP ulp.
VECTOR_MATH float vm_exp(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -105.0f ? -105.0f : x;
    vm_exponential parts = vm_split_exponential(x);
    // Two factors, since 2^n itself may be too large or too small for a float where the result is not.
    int32_t half = parts.n >> 1;
    return (1.0f + parts.q) * vm_power_of_two(half) * vm_power_of_two(parts.n - half);
}

/// e^x - 1. Error: EXPM1 ulp.
VECTOR_MATH float vm_expm1(float x) {
    float limited = x > 89.0f ? 89.0f : x;
    limited = limited < -20.0f ? -20.0f : limited;
    vm_exponential parts = vm_split_exponential(limited);
    // Half of 2^n is a float even where 2^n is not.
    float half = vm_power_of_two(parts.n - 1);
    float result = 2.0f * (half * parts.q + (half - 0.5f));
    return vm_or_sign(parts.n == 0 ? parts.q : result, x);
}

/// The hyperbolic tangent. Error: TANH ulp.
VECTOR_MATH float vm_tanh(float x) {
    float t = vm_expm1(-2.0f * vm_magnitude(x));
    return vm_or_sign(vm_magnitude(t) / (2.0f + t), x);
}

/// The logistic function 1 / (1 + e^-x). Error: SIGMOID ulp.
VECTOR_MATH float vm_sigmoid(float x) {
    float t = vm_exp(-vm_magnitude(x));
    return (x < 0.0f ? t : 1.0f) / (1.0f + t);
}

/// The error function. Error: ERF ulp.
VECTOR_MATH float vm_erf(float x) {
    float t = vm_magnitude(x);
    float square = t * t;
    float p = 7.996649947e-05f;
    p = p * square - 8.049769676e-04f;
    p = p * square + 5.192405079e-03f;
    p = p * square - 2.685573138e-02f;
    p = p * square + 1.128362566e-01f;
    p = p * square - 3.761262894e-01f;
    p = p * square + 1.283791661e-01f;
    float small = p * t + t;

    // From 0.92 on 1 - exp(-t + t r(t)); from 4 on that is 1.
    t = t > 4.0f ? 4.0f : t;
    float r = -1.042969416e-05f;
    r = r * t + 3.148308315e-04f;
    r = r * t - 3.610258689e-03f;
    r = r * t + 2.369444445e-02f;
    r = r * t - 1.061589643e-01f;
    r = r * t - 6.351980567e-01f;
    r = r * t - 1.286370754e-01f;
    float large = -vm_expm1(r * t - t);
    return vm_or_sign(t < 0.92f ? small : large, x);
}

// Logarithm

/// n ln 2 + ln(1 + f) for |f| up to 1/3.
VECTOR_MATH float vm_join_logarithm(int32_t n, float f) {
    float p = -1.288475245e-01f;
    p = p * f + 1.398746520e-01f;
    p = p * f - 1.218608767e-01f;
    p = p * f + 1.400523782e-01f;
    p = p * f - 1.668033302e-01f;
    p = p * f + 2.001044750e-01f;
    p = p * f - 2.499980181e-01f;
    p = p * f + 3.333321512e-01f;
    float square = f * f;
    float exponent = (float)n;
    float low = (p * f - 0.5f) * square + exponent * -2.12194440e-4f;
    return (low + f) + exponent * 0x1.63p-1f;
}

/// The n for which 2^-n times the positive normal float with these bits lies in [2/3, 4/3).
VECTOR_MATH int32_t vm_nearest_exponent(uint32_t bits) { return (int32_t)(bits - 0x3F2AAAAB) >> 23; }

/// ln x; -inf for zeros, NaN for what is below. Error: LOG ulp.
VECTOR_MATH float vm_log(float x) {
    int subnormal = x < 0x1p-126f;
    uint32_t bits = vm_bits(subnormal ? x * 0x1p25f : x);
    int32_t n = vm_nearest_exponent(bits);
    float result = vm_join_logarithm(n - (subnormal ? 25 : 0), vm_float(bits - ((uint32_t)n << 23)) - 1.0f);
    result = x < INFINITY ? result : x;
    return x > 0.0f ? result : x == 0.0f ? -INFINITY : NAN;
}

/// ln(1 + x); -inf for -1, NaN for what is below. Error: LOG1P ulp.
VECTOR_MATH float vm_log1p(float x) {
    float sum = 1.0f + x;
    // What rounding took from the sum (Knuth's two-sum).
    float part = sum - 1.0f;
    float rest = (1.0f - (sum - part)) + (x - part);
    uint32_t bits = vm_bits(sum);
    int32_t n = vm_nearest_exponent(bits);
    // Past 2^100 the rest does not matter, and 2^-n may be no float.
    float scale = vm_power_of_two(n < 100 ? -n : -100);
    float f = (vm_float(bits - ((uint32_t)n << 23)) - 1.0f) + rest * scale;
    float result = vm_or_sign(vm_join_logarithm(n, f), x);
    result = x < INFINITY ? result : x;
    return x > -1.0f ? result : x == -1.0f ? -INFINITY : NAN;
}

// Sine and cosine

/// x = (quarter + 4 k) pi / 2 + rest, for some integer k, with |rest| <= pi / 4.
typedef struct {
    uint32_t quarter;
    float rest;
} vm_angle;

/// One of five words, by index; an index out of range gives the first or the last.
VECTOR_MATH uint32_t vm_word(int32_t index, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3, uint32_t w4) {
    uint32_t word = index > 0 ? w1 : w0;
    word = index > 1 ? w2 : word;
    word = index > 2 ? w3 : word;
    return index > 3 ? w4 : word;
}

/// The upper half of `high` and `low` together, shifted left by `shift` < 32.
VECTOR_MATH uint32_t vm_shift_left(uint32_t high, uint32_t low, uint32_t shift) {
    return high << shift | low >> 1 >> (31 - shift);
}

/// Reduces a magnitude to a quarter turn and the rest, in fixed point with 62 bits of fraction (Payne and Hanek 1983).
VECTOR_MATH vm_angle vm_reduce_angle(float magnitude) {
    // The magnitude is significand * 2^(place - 30), so of 2 / pi only the 96 bits from `place` on count: what is
    // before them makes whole turns, what is after them is too small.
    uint32_t bits = vm_bits(magnitude);
    uint64_t significand = (bits & 0x007FFFFF) | 0x00800000;
    int32_t place = (int32_t)(bits >> 23) - 120;
    int32_t index = place >> 5;
    uint32_t shift = (uint32_t)place & 31;
    uint32_t a = vm_word(index, 0x00000000, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0);
    uint32_t b = vm_word(index, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599);
    uint32_t c = vm_word(index, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041);
    uint32_t d = vm_word(index, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB);
    uint64_t turns = significand * vm_shift_left(a, b, shift) << 32;
    turns += significand * vm_shift_left(b, c, shift);
    turns += significand * vm_shift_left(c, d, shift) >> 32;

    uint32_t quarter = ((uint32_t)(turns >> 32) + 0x20000000) >> 30;
    int32_t high = (int32_t)((uint32_t)(turns >> 32) - (quarter << 30));
    // Without its last bit the lower half is a signed number too, which converts faster.
    int32_t low = (int32_t)((uint32_t)turns >> 1);
    double rest = ((double)high * 0x1p31 + (double)low) * (0x1.921FB54442D18p0 * 0x1p-61);
    int small = magnitude < 0.785f;
    vm_angle angle = {small ? 0 : quarter, small ? magnitude : (float)rest};
    return angle;
}

/// The sine of `angle`, negated if the top bit of `sign` is set.
VECTOR_MATH float vm_sine(vm_angle angle, uint32_t sign) {
    float r = angle.rest;
    float square = r * r;
    float s = -1.951828453e-04f;
    s = s * square + 8.332189173e-03f;
    s = s * square - 1.666665524e-01f;
    float sine = (s * square) * r + r;
    float c = 2.443232734e-05f;
    c = c * square - 1.388730947e-03f;
    c = c * square + 4.166664556e-02f;
    float cosine = (c * square - 0.5f) * square + 1.0f;
    float result = angle.quarter & 1 ? cosine : sine;
    return vm_float(vm_bits(result) ^ (((angle.quarter << 30) ^ sign) & 0x80000000));
}

/// The sine of x radians. Error: SIN ulp.
VECTOR_MATH float vm_sin(float x) {
    float magnitude = vm_magnitude(x);
    return magnitude < INFINITY ? vm_sine(vm_reduce_angle(magnitude), vm_bits(x)) : NAN;
}

/// The cosine of x radians. Error: COS ulp.
VECTOR_MATH float vm_cos(float x) {
    float magnitude = vm_magnitude(x);
    vm_angle angle = vm_reduce_angle(magnitude);
    angle.quarter += 1;
    return magnitude < INFINITY ? vm_sine(angle, 0) : NAN;
}

// Power

/// log2 of a magnitude, to 40 bits.
VECTOR_MATH double vm_log2_double(float magnitude) {
    int subnormal = magnitude < 0x1p-126f;
    uint32_t bits = vm_bits(subnormal ? magnitude * 0x1p25f : magnitude);
    int32_t n = vm_nearest_exponent(bits);
    double m = (double)vm_float(bits - ((uint32_t)n << 23));
    double s = (m - 1.0) / (m + 1.0);
    double square = s * s;
    double p = 0x1.29df6ca9e3aa2p-2;
    p = p * square + 0x1.46f131ffe2148p-2;
    p = p * square + 0x1.a61eaa4946796p-2;
    p = p * square + 0x1.2776bc3ad584dp-1;
    p = p * square + 0x1.ec709dcb71a53p-1;
    p = p * square + 0x1.71547652b7e82p+1;
    double result = p * s + (double)(n - (subnormal ? 25 : 0));
    result = magnitude < INFINITY ? result : (double)magnitude;
    return magnitude == 0.0f ? -(double)INFINITY : result;
}

/// 2^x, to 34 bits; an x out of range comes out beyond the range of a float.
VECTOR_MATH double vm_exp2_double(double x) {
    x = x > 200.0 ? 200.0 : x;
    x = x < -200.0 ? -200.0 : x;
    const double shift = 0x1.8p52;
    double shifted = x + shift;
    double f = x - (shifted - shift);
    double p = 0x1.fe16989b07fc3p-17;
    p = p * f + 0x1.446ad3b2ffb67p-13;
    p = p * f + 0x1.5d8a730e81257p-10;
    p = p * f + 0x1.3b29db6220b49p-7;
    p = p * f + 0x1.c6b08aaaf0f55p-5;
    p = p * f + 0x1.ebfbe0a5c5c58p-3;
    p = p * f + 0x1.62e42ff119215p-1;
    p = p * f + 0x1.ffffffffab11fp-1;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/// x^y with the special cases of C: x^0 = 1^y = 1, NaN for a negative finite x unless y is an integer. In double
/// precision; error: POW ulp over all special and POWN random pairs.
VECTOR_MATH float vm_pow(float x, float y) {
    float base = vm_magnitude(x), size = vm_magnitude(y);
    float result = (float)vm_exp2_double((double)y * vm_log2_double(base));

    // Adding 2^23 rounds to an integer, whose last bit tells odd from even; from 2^23 on a float is one already.
    float rounded = size < 0x1p23f ? size + 0x1p23f : size;
    int integer = (size >= 0x1p23f) | (rounded - 0x1p23f == size);
    int odd = integer & (size < 0x1p24f) & (int)vm_bits(rounded);
    int undefined = (x < 0.0f) & (base < INFINITY) & !integer;
    int one = (x == 1.0f) | (y == 0.0f) | ((x == -1.0f) & (size == INFINITY));
    result = vm_float(vm_bits(result) ^ ((uint32_t)odd << 31 & vm_bits(x)));
    result = undefined ? NAN : result;
    return one ? 1.0f : result;
}

#undef VECTOR_MATH
