/* Fused multiply-add of floats, where the baseline of the platform has no instruction for it without one. */
#ifndef OCTET_FUSED_H
#define OCTET_FUSED_H

#include <stdint.h>

/* x * y + z, rounded once. The product is exact in double precision. The sum is rounded to odd (inexact: of
   its two neighbours the one with the odd last bit), which rounding to float again, 29 bits shorter, cannot
   tell from the exact sum. */
static inline float fused_multiply_add(float x, float y, float z) {
#ifdef __FP_FAST_FMAF
  return __builtin_fmaf(x, y, z);
#else
  const double product = (double)x * y;
  const double sum = product + z;
  /* What the sum has lost (Knuth). */
  const double part = sum - product;
  const double error = (product - (sum - part)) + (z - part);
  uint64_t bits;
  __builtin_memcpy(&bits, &sum, sizeof bits);
  /* Neither is true of NaN, which follows from infinities. */
  if ((error > 0 || error < 0) && (bits & 1) == 0) {
    bits += (error > 0) == (sum > 0) ? 1 : UINT64_MAX;
  }
  double odd;
  __builtin_memcpy(&odd, &bits, sizeof odd);
  return (float)odd;
#endif
}

#endif
