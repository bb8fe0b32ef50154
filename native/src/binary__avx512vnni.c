/* AVX-512: two quantized tensors, element by element. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "binary.inc.h"
