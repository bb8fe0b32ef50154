/* AVX2: rows of bytes, copied. */
#include "copy.h"
#include "kernels.h"
#include "vector__avx2.h"

INLINE void copy_block(const char *src, char *dst) {
  store_block(dst, load_bytes(src, BLOCK));
}

#define KERNEL(name) name##_1x32__avx2
#include "copy.inc.h"
