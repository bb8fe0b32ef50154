/* AVX2: two quantized tensors, element by element. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "binary.inc.h"
