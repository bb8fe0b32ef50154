/* Numbers at any address, and rounding, for code that is compiled for the baseline. */
#ifndef OCTET_SCALARS_H
#define OCTET_SCALARS_H

#include <stdint.h>

static inline float load_float(const void *from, int64_t index) {
  float x;
  __builtin_memcpy(&x, (const char *)from + 4 * index, 4);
  return x;
}

static inline int32_t load_int(const void *from, int64_t index) {
  int32_t x;
  __builtin_memcpy(&x, (const char *)from + 4 * index, 4);
  return x;
}

static inline void store_float(void *to, int64_t index, float x) {
  __builtin_memcpy((char *)to + 4 * index, &x, 4);
}

static inline void store_int(void *to, int64_t index, int32_t x) {
  __builtin_memcpy((char *)to + 4 * index, &x, 4);
}

/* Half to even, for |x| <= 2^22: the sum has no bits left for a fraction. */
static inline float round_half_even(float x) {
  return (x + 12582912.0f) - 12582912.0f;
}

/* Likewise, for |x| <= 2^51. */
static inline double round_double_half_even(double x) {
  return (x + 6755399441055744.0) - 6755399441055744.0;
}

/* Numbers.round of the law for a zero point of 0: clamp, round half to even; NaN gives low. */
static inline int32_t round_within(float x, float low, float high) {
  const float above = x > low ? x : low;
  return (int32_t)round_half_even(above < high ? above : high);
}

#endif
