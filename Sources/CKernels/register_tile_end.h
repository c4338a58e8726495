// Makes way for the next level of vector instructions.

#undef TILE_COLUMNS
#undef VECTOR
#undef MASK
#undef INLINE
