/* AVX2: F32 to integers. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "quantize.inc.h"
