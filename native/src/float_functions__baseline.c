/* Softmax, layer norm and GELU, any CPU: the law element by element. */
#include "fused.h"
#include "kernels.h"
#include "scalars.h"

enum { SUMS = 64 };

static float total(float sums[SUMS]) {
  for (int half = SUMS / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) {
      sums[i] += sums[i + half];
    }
  }
  return sums[0];
}

static float exponential(float x) {
  const float t = fused_multiply_add(x, 1.44269504f, 12582912.0f);
  const float n = t - 12582912.0f;
  float r = fused_multiply_add(n, -0.693359375f, x);
  r = fused_multiply_add(n, 2.12194440e-4f, r);
  float p = fused_multiply_add(1.9875691500e-4f, r, 1.3981999507e-3f);
  p = fused_multiply_add(p, r, 8.3334519073e-3f);
  p = fused_multiply_add(p, r, 4.1665795894e-2f);
  p = fused_multiply_add(p, r, 1.6666665459e-1f);
  p = fused_multiply_add(p, r, 5.0000001201e-1f);
  p = fused_multiply_add(p, r * r, r) + 1;
  uint32_t bits;
  __builtin_memcpy(&bits, &t, 4);
  bits = (bits << 23) + UINT32_C(0x3f800000);
  float power;
  __builtin_memcpy(&power, &bits, 4);
  return p * power;
}

static float score(float scale, const void *src, const void *mask, int64_t row, int64_t column) {
  const float x = load_float(src, row + column) * scale;
  return mask == 0 ? x : x + load_float(mask, column);
}

void octet_f32_f32_pt_softmax_1x1__baseline(float scale, const void *src, const void *mask, void *dst,
                                            int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows * columns; row += columns) {
    float most = -__builtin_inff();
    for (int64_t i = 0; i < columns; i++) {
      const float x = score(scale, src, mask, row, i);
      most = x > most ? x : most;
    }
    float sums[SUMS] = {0};
    for (int64_t i = 0; i < columns; i++) {
      const float d = score(scale, src, mask, row, i) - most;
      /* NaN stays. */
      const float e = exponential(d < -88 ? -88 : d);
      store_float(dst, row + i, e);
      sums[i % SUMS] += e;
    }
    const float factor = 1 / total(sums);
    for (int64_t i = 0; i < columns; i++) {
      store_float(dst, row + i, load_float(dst, row + i) * factor);
    }
  }
}

static float operand(const void *src, const void *residual, int64_t i) {
  const float x = load_float(src, i);
  return residual == 0 ? x : x + load_float(residual, i);
}

void octet_f32_f32_pc_layer_norm_1x1__baseline(const struct octet_layer_norm *plan, const void *src,
                                               const void *residual, void *dst, int64_t rows) {
  const int64_t columns = plan->columns;
  for (int64_t row = 0; row < rows * columns; row += columns) {
    float sums[SUMS] = {0};
    for (int64_t i = 0; i < columns; i++) {
      sums[i % SUMS] += operand(src, residual, row + i);
    }
    const float mean = total(sums) / (float)columns;
    for (int i = 0; i < SUMS; i++) {
      sums[i] = 0;
    }
    for (int64_t i = 0; i < columns; i++) {
      const float x = operand(src, residual, row + i) - mean;
      sums[i % SUMS] = fused_multiply_add(x, x, sums[i % SUMS]);
    }
    const float factor = 1 / __builtin_sqrtf(total(sums) / (float)columns + plan->epsilon);
    for (int64_t i = 0; i < columns; i++) {
      const float x = (operand(src, residual, row + i) - mean) * factor;
      store_float(dst, row + i, fused_multiply_add(x, plan->weights[i], plan->bias[i]));
    }
  }
}

/* NaN stays. */
static float within(float x, float low, float high) {
  return x < low ? low : x > high ? high : x;
}

static float gelu(float x) {
  const float z = within(x * 0.707106781f, -4, 4);
  const float z2 = z * z;
  float p = fused_multiply_add(-2.72614225801306e-10f, z2, 2.77068142495902e-08f);
  p = fused_multiply_add(p, z2, -2.10102402082508e-06f);
  p = fused_multiply_add(p, z2, -5.69250639462346e-05f);
  p = fused_multiply_add(p, z2, -7.34990630326855e-04f);
  p = fused_multiply_add(p, z2, -2.95459980854025e-03f);
  p = fused_multiply_add(p, z2, -1.60960333262415e-02f);
  float q = fused_multiply_add(-1.45660718464996e-05f, z2, -2.13374055278905e-04f);
  q = fused_multiply_add(q, z2, -1.68282697438203e-03f);
  q = fused_multiply_add(q, z2, -7.37332916720468e-03f);
  q = fused_multiply_add(q, z2, -1.42647390514189e-02f);
  return x * 0.5f * (z * p / q + 1);
}

static float gelu_tanh(float x) {
  const float v = x * -1.59576912f * fused_multiply_add(x * x, 0.044715f, 1);
  return x / (exponential(within(v, -88, 89)) + 1);
}

void octet_f32_f32_pt_gelu_1x1__baseline(const void *src, void *dst, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    store_float(dst, i, gelu(load_float(src, i)));
  }
}

void octet_f32_f32_pt_gelu_tanh_1x1__baseline(const void *src, void *dst, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    store_float(dst, i, gelu_tanh(load_float(src, i)));
  }
}
