/* AVX-512: pooling of 8-bit images. */
#include "kernels.h"
#include "pool.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "pool_vectors.inc.h"

#include "pool.inc.h"
