#pragma once

#include "vector_math_arrays.h"
