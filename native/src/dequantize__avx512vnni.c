/* AVX-512: integers to F32. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "dequantize.inc.h"
