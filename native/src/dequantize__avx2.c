/* AVX2: integers to F32. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "dequantize.inc.h"
