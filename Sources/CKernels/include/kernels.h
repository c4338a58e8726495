/// The kernels of the engine.
#pragma once

#include "attention_kernels.h"
#include "matrix_product.h"
#include "row_kernels.h"
#include "team.h"
#include "tile_program.h"
#include "vector_math_arrays.h"
