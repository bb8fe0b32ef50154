/* AVX-512: F32 to integers. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "quantize.inc.h"
