/* Resizes of 8-bit images, any CPU. */
#include "kernels.h"
#include "resize.h"

#define INLINE static inline __attribute__((always_inline))
#define KERNEL(name) name##_1x16__baseline
#define HAS_SHUFFLES 0

enum { BLOCK = 16 };

INLINE void copy_block(const char *src, char *dst) {
  copy_few(src, dst, BLOCK);
}

#include "resize_nearest.inc.h"
#define BLENDS "resize_plain.inc.h"
#include "resize_linear.inc.h"
