/// The kernels of the engine.
#pragma once

#include "attention_kernels.h"
#include "axis_kernels.h"
#include "convolution_kernels.h"
#include "matrix_product.h"
#include "pooling_kernels.h"
#include "processors.h"
#include "recurrent_kernels.h"
#include "row_kernels.h"
#include "team.h"
#include "tile_program.h"
#include "vector_math_arrays.h"
