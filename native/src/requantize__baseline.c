/* S32 to 8 bits, any CPU. */
#include "kernels.h"
#include "scalars.h"

static inline void requantize(const struct octet_requantize *given, const void *src, uint8_t *dst,
                              int64_t count, const float *multipliers, const int32_t *bias, int64_t step) {
  /* A copy, which no store to dst can change. */
  const struct octet_requantize plan = *given;
  for (int64_t i = 0; i < count; i++) {
    const int32_t sum = (int32_t)((uint32_t)load_int(src, i) + (uint32_t)bias[i * step]);
    const float t = (float)sum * multipliers[i * step];
    dst[i] = (uint8_t)(round_within(t, plan.low, plan.high) + plan.zero_point);
  }
}

#define REQUANTIZE(name, step)                                                              \
  void name(const struct octet_requantize *plan, const void *src, void *dst, int64_t count, \
            const float *multipliers, const int32_t *bias) {                                \
    requantize(plan, src, dst, count, multipliers, bias, step);                             \
  }

REQUANTIZE(octet_s32_u8_pt_requantize_1x1__baseline, 0)
REQUANTIZE(octet_s32_s8_pt_requantize_1x1__baseline, 0)
REQUANTIZE(octet_s32_u8_pc_requantize_1x1__baseline, 1)
REQUANTIZE(octet_s32_s8_pc_requantize_1x1__baseline, 1)
