/* Two quantized tensors, element by element, any CPU. */
#include "fused.h"
#include "kernels.h"
#include "scalars.h"

static inline float centred(int32_t q, int32_t zero_point) {
  return (float)(q - zero_point);
}

static inline int32_t add_one(const struct octet_binary *plan, int32_t a, int32_t b) {
  const float sum = fused_multiply_add(plan->right_factor, (float)b, plan->fixed);
  const float t = fused_multiply_add(plan->left_factor, (float)a, sum);
  return round_within(t, (float)plan->low, (float)plan->high);
}

static inline int32_t multiply_one(const struct octet_binary *plan, int32_t a, int32_t b) {
  const float product = centred(a, plan->left_zero_point) * centred(b, plan->right_zero_point);
  const float t = product * plan->left_factor + plan->fixed;
  return round_within(t, (float)plan->low, (float)plan->high);
}

static inline int32_t quantize_one(const struct octet_binary *plan, float x) {
  const float low = (float)(plan->low - plan->zero_point);
  const float high = (float)(plan->high - plan->zero_point);
  return round_within(x / plan->divisor, low, high) + plan->zero_point;
}

static inline int32_t maximum_one(const struct octet_binary *plan, int32_t a, int32_t b) {
  const float x = centred(a, plan->left_zero_point) * plan->left_factor;
  const float y = centred(b, plan->right_zero_point) * plan->right_factor;
  return quantize_one(plan, x > y ? x : y);
}

/* NaN, of 0 by 0, is not above the lower bound. */
static inline int32_t divide_one(const struct octet_binary *plan, int32_t a, int32_t b) {
  const double x = (double)(a - plan->left_zero_point) * (double)plan->left_factor;
  const double y = (double)(b - plan->right_zero_point) * (double)plan->right_factor;
  const double t = x / y / (double)plan->divisor;
  const double low = plan->low - plan->zero_point;
  const double high = plan->high - plan->zero_point;
  const double above = t > low ? t : low;
  return (int32_t)round_double_half_even(above < high ? above : high) + plan->zero_point;
}

#define BINARY_OF(name, op, type)                                                                    \
  void name(const struct octet_binary *given, const void *left, int64_t left_row, int64_t left_step, \
            const void *right, int64_t right_row, int64_t right_step, void *dst, int64_t rows,       \
            int64_t columns) {                                                                       \
    /* A copy, which no store to dst can change. */                                                  \
    const struct octet_binary plan = *given;                                                         \
    uint8_t *y = dst;                                                                                \
    for (int64_t row = 0; row < rows; row++) {                                                       \
      const type *a = (const type *)left + row * left_row;                                           \
      const type *b = (const type *)right + row * right_row;                                         \
      for (int64_t i = 0; i < columns; i++) {                                                        \
        *y++ = (uint8_t)op(&plan, a[i * left_step], b[i * right_step]);                              \
      }                                                                                              \
    }                                                                                                \
  }

#define BINARY(op)                                                    \
  BINARY_OF(octet_u8u8_u8_pt_##op##_1x1__baseline, op##_one, uint8_t) \
  BINARY_OF(octet_s8s8_s8_pt_##op##_1x1__baseline, op##_one, int8_t)

BINARY(add)
BINARY(multiply)
BINARY(maximum)
BINARY(divide)
