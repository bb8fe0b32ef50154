/* What the kernels of poolings know of a window, and what is done in scalars on every tier. */
#ifndef OCTET_POOL_H
#define OCTET_POOL_H

#include "api.h"
#include "scalars.h"

/* The taps of a window that lie in the image, from the first one on. */
struct pool_taps {
  const char *first;
  int64_t rows;
  int64_t row_step;
  int64_t columns;
  int64_t column_step;
};

/* What the average of a window is made of. */
struct pool_mean {
  /* Of all bytes of the taps as U8, what the zero point makes. */
  int64_t offset;
  float multiplier;
  float low;
  float high;
  int32_t zero_point;
};

/* Taps whose bytes, or those of a zero point, add up to less than 2^31. */
static const int64_t POOL_MOST = INT64_C(1) << 23;

/* Taps of an axis that lie before the image; start is the place of the first one. */
static inline int64_t pool_taps_before(int64_t start, int64_t dilation, int64_t taps) {
  const int64_t before = start < 0 ? (dilation - 1 - start) / dilation : 0;
  return before < taps ? before : taps;
}

/* Taps of an axis that lie before its end. */
static inline int64_t pool_taps_until(int64_t start, int64_t size, int64_t dilation, int64_t taps) {
  const int64_t until = size > start ? (size - start + dilation - 1) / dilation : 0;
  return until < taps ? until : taps;
}

/* The average of one channel. */
static inline int32_t pool_round(const struct pool_mean *mean, int64_t sum) {
  return round_within((float)(sum - mean->offset) * mean->multiplier, mean->low, mean->high) +
         mean->zero_point;
}

#endif
