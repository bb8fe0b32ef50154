/* AVX-512: the range of floats. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "range.inc.h"
