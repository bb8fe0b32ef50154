/* AVX2: the sum of two quantized tensors. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "add.inc.h"
