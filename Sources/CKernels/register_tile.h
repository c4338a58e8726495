// What register tiles are made of, for one level of vector instructions; see levels.h. Ends with register_tile_end.h.

#define TILE_COLUMNS (2 * LANES)

typedef float LEVEL(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t LEVEL(mask) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define VECTOR LEVEL(vector)
#define MASK LEVEL(mask)

#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE VECTOR LEVEL(finish)(const tile_sink *sink, VECTOR sum, const float *c, const float *bias) {
    if (sink->adds) sum += *(const VECTOR *)c;
    if (bias) sum += *(const VECTOR *)bias;
    // Not a number stays so.
    if (sink->relu) sum = (VECTOR)((MASK)sum & ~(sum < (VECTOR){}));
    return sum;
}

/// Writes the sums of one row of a tile to `c`.
INLINE void LEVEL(put_row)(const tile_sink *sink, float *c, VECTOR sums[2]) {
    if (sink->columns == TILE_COLUMNS) {
        for (int j = 0; j < 2; j++) {
            *(VECTOR *)(c + j * LANES) =
                LEVEL(finish)(sink, sums[j], c + j * LANES, sink->bias ? sink->bias + j * LANES : 0);
        }
        return;
    }
    // A part of a row goes through a whole one.
    size_t bytes = (size_t)sink->columns * sizeof(float);
    float bias[TILE_COLUMNS] = {0}, whole[TILE_COLUMNS] = {0};
    if (sink->bias) memcpy(bias, sink->bias, bytes);
    if (sink->adds) memcpy(whole, c, bytes);
    for (int j = 0; j < 2; j++) {
        *(VECTOR *)(whole + j * LANES) =
            LEVEL(finish)(sink, sums[j], whole + j * LANES, sink->bias ? bias + j * LANES : 0);
    }
    memcpy(c, whole, bytes);
}
