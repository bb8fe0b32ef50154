/* AVX-512: S32 to 8 bits. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "requantize.inc.h"
