/* Template of the tables of a right operand that comes with the run: plain loops, which the compiler turns
   into vectors of the instruction set of the file that includes this. At one row they take as long as the
   product. */

#include "scalars.h"

int32_t KERNEL(const struct column_terms *terms, int32_t columns, int32_t *restrict offsets,
               int32_t *restrict factors, int32_t *restrict zero_points, float *restrict multipliers) {
  const int32_t *sums = terms->sums;
  const uint32_t k = (uint32_t)terms->k;
  const uint32_t left_zero_point = (uint32_t)terms->left_zero_point;
  int32_t any = terms->zero_point - terms->shift;
  if (terms->zero_points == 0) {
    const int32_t zero_point = any;
    const uint32_t less = k * (uint32_t)zero_point;
    for (int32_t n = 0; n < columns; n++) {
      const uint32_t centred = (uint32_t)sums[n] - less;
      zero_points[n] = zero_point;
      factors[n] = (int32_t)centred;
      offsets[n] = (int32_t)(0 - left_zero_point * centred);
    }
  } else {
    const void *from = terms->zero_points;
    const int32_t shift = terms->shift;
    any = 0;
    for (int32_t n = 0; n < columns; n++) {
      const int32_t zero_point = load_int(from, n) - shift;
      const uint32_t centred = (uint32_t)sums[n] - k * (uint32_t)zero_point;
      zero_points[n] = zero_point;
      factors[n] = (int32_t)centred;
      offsets[n] = (int32_t)(0 - left_zero_point * centred);
      any |= zero_point;
    }
  }
  const float left_scale = terms->left_scale;
  const float output_scale = terms->output_scale;
  if (terms->scales == 0) {
    const float multiplier = left_scale * terms->scale / output_scale;
    for (int32_t n = 0; n < columns; n++) {
      multipliers[n] = multiplier;
    }
  } else {
    const void *from = terms->scales;
    for (int32_t n = 0; n < columns; n++) {
      multipliers[n] = left_scale * load_float(from, n) / output_scale;
    }
  }
  return any != 0;
}
