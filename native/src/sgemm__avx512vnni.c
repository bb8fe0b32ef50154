/* AVX-512: products of floats. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_12x32__avx512vnni
#define TILE_ROWS 12
#include "sgemm.inc.h"
