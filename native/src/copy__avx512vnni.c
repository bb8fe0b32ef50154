/* AVX-512: rows of bytes, copied. */
#include "copy.h"
#include "kernels.h"
#include "vector__avx512vnni.h"

INLINE void copy_block(const char *src, char *dst) {
  store_block(dst, load_bytes(src, BLOCK));
}

#define KERNEL(name) name##_1x64__avx512vnni
#include "copy.inc.h"
