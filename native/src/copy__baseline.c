/* Rows of bytes, copied, any CPU. */
#include "copy.h"
#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 16 };

INLINE void copy_block(const char *src, char *dst) {
  copy_few(src, dst, BLOCK);
}

#define KERNEL(name) name##_1x16__baseline
#include "copy.inc.h"
