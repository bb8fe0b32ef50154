/* Pooling of 8-bit images, any CPU: loops over channels that a compiler makes vectors of. */
#include "kernels.h"
#include "pool.h"

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 64 };

INLINE void max_block(const struct pool_taps *taps, int is_signed, char *dst, int64_t n) {
  const uint8_t flip = is_signed ? 0x80 : 0;
  uint8_t most[BLOCK] = {0};
  for (int64_t row = 0; row < taps->rows; row++) {
    for (int64_t column = 0; column < taps->columns; column++) {
      const uint8_t *x = (const uint8_t *)taps->first + row * taps->row_step + column * taps->column_step;
      for (int64_t c = 0; c < n; c++) {
        const uint8_t u = x[c] ^ flip;
        most[c] = u > most[c] ? u : most[c];
      }
    }
  }
  for (int64_t c = 0; c < n; c++) {
    dst[c] = (char)(most[c] ^ flip);
  }
}

INLINE void average_block(const struct pool_taps *taps, int is_signed, const struct pool_mean *mean,
                          char *dst, int64_t n) {
  const uint8_t flip = is_signed ? 0x80 : 0;
  int32_t sums[BLOCK] = {0};
  for (int64_t row = 0; row < taps->rows; row++) {
    for (int64_t column = 0; column < taps->columns; column++) {
      const uint8_t *x = (const uint8_t *)taps->first + row * taps->row_step + column * taps->column_step;
      for (int64_t c = 0; c < n; c++) {
        sums[c] += x[c] ^ flip;
      }
    }
  }
  for (int64_t c = 0; c < n; c++) {
    dst[c] = (char)pool_round(mean, sums[c]);
  }
}

#define KERNEL(name) name##_1x64__baseline
#include "pool.inc.h"
