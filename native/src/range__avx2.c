/* AVX2: the range of floats. */
#include "kernels.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "range.inc.h"
