/* Rows of floats to symmetric S8 by group, in plain C. */
#include "group_float_bits.h"
#include "group_rows.h"
#include "kernels.h"
#include "scalars.h"

void octet_f32_s8_pg_quantize_1x1__baseline(const struct octet_group_matmul *product, int32_t factor,
                                            const void *src, int64_t src_stride, int32_t rows,
                                            const struct group_rows *to) {
  for (int32_t r = 0; r < rows; r++) {
    const float *from = (const float *)src + r * src_stride;
    int8_t *values = to->values + r * to->stride;
    for (int32_t g = 0; g < to->groups; g++) {
      const int32_t first = g * product->group;
      const int32_t end = product->k - first < product->group ? product->k : first + product->group;
      /* As integers, NaN is greater than infinity. */
      uint32_t largest = 0;
      for (int32_t i = first; i < end; i++) {
        const uint32_t magnitude = float_bits(load_float(from, i)) & 0x7fffffff;
        largest = magnitude > largest ? magnitude : largest;
      }
      float scale = float_of_bits(largest) / 127.0f;
      scale = scale == 0 ? 1 : scale;
      int32_t sum = 0;
      for (int32_t i = first; i < end; i++) {
        const int32_t q = round_within(load_float(from, i) / scale, -127, 127);
        values[i] = (int8_t)q;
        sum += q;
      }
      to->scales[(int64_t)r * to->groups + g] = scale;
      to->starts[(int64_t)r * to->groups + g] = group_start(product, factor, sum);
    }
    for (int64_t i = product->k; i < to->stride; i++) {
      values[i] = 0;
    }
  }
}
