/* The sum of two quantized tensors, any CPU. */
#include "kernels.h"
#include "scalars.h"

/* fma(x, y, z) of the law, without the instruction. The product of binary32 numbers is exact in binary64, the
   sum is rounded to odd there: 53 bits with the last one set where something was lost are enough to round
   once more to 24 bits as if from the exact sum (Boldo and Melquiond, 2008). */
static inline float fused_multiply_add(float x, float y, float z) {
  const double product = (double)x * (double)y;
  const double sum = product + (double)z;
  const double z_part = sum - product;
  const double lost = (product - (sum - z_part)) + ((double)z - z_part);
  /* False for infinities and NaN too: lost is NaN there. */
  if (lost > 0 || lost < 0) {
    uint64_t bits;
    __builtin_memcpy(&bits, &sum, 8);
    if ((bits & 1) == 0) {
      bits += (lost > 0) == (sum > 0) ? UINT64_C(1) : ~UINT64_C(0);
    }
    double odd;
    __builtin_memcpy(&odd, &bits, 8);
    return (float)odd;
  }
  return (float)sum;
}

#define ADD(name, type)                                                                                     \
  void name(const struct octet_add *given, const void *left, const void *right, void *dst, int64_t count) { \
    /* A copy, which no store to dst can change. */                                                         \
    const struct octet_add plan = *given;                                                                   \
    const type *a = left;                                                                                   \
    const type *b = right;                                                                                  \
    uint8_t *y = dst;                                                                                       \
    for (int64_t i = 0; i < count; i++) {                                                                   \
      const float sum = fused_multiply_add(plan.right_factor, (float)b[i], plan.fixed);                     \
      const float t = fused_multiply_add(plan.left_factor, (float)a[i], sum);                               \
      y[i] = (uint8_t)round_within(t, (float)plan.low, (float)plan.high);                                   \
    }                                                                                                       \
  }

ADD(octet_u8u8_u8_pt_add_1x1__baseline, uint8_t)
ADD(octet_s8s8_s8_pt_add_1x1__baseline, int8_t)
