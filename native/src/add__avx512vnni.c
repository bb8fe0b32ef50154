/* AVX-512: the sum of two quantized tensors. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "add.inc.h"
