/* Integers to F32, any CPU. */
#include "kernels.h"
#include "scalars.h"

#define DEQUANTIZE(name, type, step)                                                                      \
  void name(const void *src, void *dst, int64_t count, const float *scales, const int32_t *zero_points) { \
    const type *q = src;                                                                                  \
    for (int64_t i = 0; i < count; i++) {                                                                 \
      store_float(dst, i, (float)(q[i] - zero_points[i * (step)]) * scales[i * (step)]);                  \
    }                                                                                                     \
  }

DEQUANTIZE(octet_u8_f32_pt_dequantize_1x1__baseline, uint8_t, 0)
DEQUANTIZE(octet_s8_f32_pt_dequantize_1x1__baseline, int8_t, 0)
DEQUANTIZE(octet_u8_f32_pc_dequantize_1x1__baseline, uint8_t, 1)
DEQUANTIZE(octet_s8_f32_pc_dequantize_1x1__baseline, int8_t, 1)
