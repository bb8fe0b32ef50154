/* AVX2: products of floats. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_6x16__avx2
#define TILE_ROWS 6
#include "sgemm.inc.h"
