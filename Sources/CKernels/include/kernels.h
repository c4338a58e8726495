/// The kernels of the engine.
#pragma once

#include "matrix_product.h"
#include "recurrent_kernels.h"
#include "row_kernels.h"
#include "team.h"
#include "tile_program.h"
#include "vector_math_arrays.h"
