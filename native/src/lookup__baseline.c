/* A table of 256 bytes, any CPU. */
#include "kernels.h"

void octet_u8_u8_pt_lookup_1x1__baseline(const uint8_t *table, const void *src, void *dst, int64_t count) {
  const uint8_t *x = src;
  uint8_t *y = dst;
  for (int64_t i = 0; i < count; i++) {
    y[i] = table[x[i]];
  }
}
