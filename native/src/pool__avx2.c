/* AVX2: pooling of 8-bit images. */
#include "kernels.h"
#include "pool.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x32__avx2
#include "pool_vectors.inc.h"

#include "pool.inc.h"
