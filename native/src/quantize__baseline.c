/* F32 to integers, any CPU: the law as it is written, division included. */
#include "kernels.h"
#include "scalars.h"

static inline void quantize(const void *src, uint8_t *dst, int64_t count, const float *scales,
                            const int32_t *zero_points, int64_t step, int32_t low, int32_t high) {
  for (int64_t i = 0; i < count; i++) {
    const int32_t zero_point = zero_points[i * step];
    const float t = load_float(src, i) / scales[i * step];
    dst[i] = (uint8_t)(round_within(t, (float)(low - zero_point), (float)(high - zero_point)) + zero_point);
  }
}

#define QUANTIZE(name, step, low, high)                                                               \
  void name(const void *src, void *dst, int64_t count, const float *scales, const float *reciprocals, \
            const int32_t *zero_points) {                                                             \
    (void)reciprocals;                                                                                \
    quantize(src, dst, count, scales, zero_points, step, low, high);                                  \
  }

QUANTIZE(octet_f32_u8_pt_quantize_1x1__baseline, 0, 0, 255)
QUANTIZE(octet_f32_s8_pt_quantize_1x1__baseline, 0, -128, 127)
QUANTIZE(octet_f32_u4_pt_quantize_1x1__baseline, 0, 0, 15)
QUANTIZE(octet_f32_s4_pt_quantize_1x1__baseline, 0, -8, 7)
QUANTIZE(octet_f32_u8_pc_quantize_1x1__baseline, 1, 0, 255)
QUANTIZE(octet_f32_s8_pc_quantize_1x1__baseline, 1, -128, 127)
QUANTIZE(octet_f32_u4_pc_quantize_1x1__baseline, 1, 0, 15)
QUANTIZE(octet_f32_s4_pc_quantize_1x1__baseline, 1, -8, 7)
