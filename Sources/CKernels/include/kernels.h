/// The kernels of the engine that oneDNN does not have.
#pragma once

#include "attention_kernels.h"
#include "row_kernels.h"
#include "team.h"
#include "tile_program.h"
#include "vector_math_arrays.h"
