/* AVX2: S32 to 8 bits. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "requantize.inc.h"
