/* The range of floats and 0, any CPU. */
#include "kernels.h"
#include "scalars.h"

void octet_f32_f32_pt_range_1x1__baseline(const void *src, int64_t count, float *range) {
  float least = 0;
  float greatest = 0;
  int nan = 0;
  for (int64_t i = 0; i < count; i++) {
    const float x = load_float(src, i);
    least = x < least ? x : least;
    greatest = x > greatest ? x : greatest;
    nan |= x != x;
  }
  range[0] = nan ? __builtin_nanf("") : least;
  range[1] = nan ? __builtin_nanf("") : greatest;
}
