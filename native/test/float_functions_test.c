/* Softmax, layer norm and GELU on every tier, bit by bit, on memory that ends or begins at a forbidden page.
 */
#include <math.h>

#include "check.h"

static const uint64_t SEED = UINT64_C(20261130);
static uint64_t state;

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

/* The law once more: number i mod 64, then pairs of sums 32, 16 ... 1 apart. */
static float sum_of(const float *terms, int64_t count, int squares) {
  float sums[64] = {0};
  for (int64_t i = 0; i < count; i++) {
    sums[i % 64] = squares ? fmaf(terms[i], terms[i], sums[i % 64]) : sums[i % 64] + terms[i];
  }
  for (int apart = 32; apart > 0; apart /= 2) {
    for (int i = 0; i < apart; i++) {
      sums[i] += sums[i + apart];
    }
  }
  return sums[0];
}

static float power(float x) {
  static const float terms[] = {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f,
                                5.0000001201e-1f};
  const float whole = fmaf(x, 1.44269504f, 12582912.0f) - 12582912.0f;
  const float r = fmaf(whole, 2.12194440e-4f, fmaf(whole, -0.693359375f, x));
  float p = 1.9875691500e-4f;
  for (int i = 0; i < 5; i++) {
    p = fmaf(p, r, terms[i]);
  }
  const float e = fmaf(p, r * r, r) + 1;
  return isnan(e) ? e : whole < -126 ? 0 : whole > 127 ? INFINITY : (float)ldexp((double)e, (int)whole);
}

static float gelu(float x) {
  static const double above[] = {2.77068142495902e-08,  -2.10102402082508e-06, -5.69250639462346e-05,
                                 -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02};
  static const double below[] = {-2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
                                 -1.42647390514189e-02};
  const float s = x * (float)sqrt(0.5);
  const float z = s < -4 ? -4 : s > 4 ? 4 : s;
  float p = -2.72614225801306e-10f;
  for (int i = 0; i < 6; i++) {
    p = fmaf(p, z * z, (float)above[i]);
  }
  float q = -1.45660718464996e-05f;
  for (int i = 0; i < 4; i++) {
    q = fmaf(q, z * z, (float)below[i]);
  }
  return x * 0.5f * (z * p / q + 1);
}

static float gelu_tanh(float x) {
  const float v = x * -1.59576912f * fmaf(x * x, 0.044715f, 1);
  return x / (power(v < -88 ? -88 : v > 89 ? 89 : v) + 1);
}

static float special(void) {
  static const float numbers[] = {0,       -0.0f, INFINITY, -INFINITY, NAN,  3.4028235e38f, -1e38f, 1e-40f,
                                  -1e-45f, 88.5f, -88.5f,   -87.5f,    5.6f, -5.6568f,      1e19f,  -1e13f};
  return numbers[random_between(&state, 0, 15)];
}

static float *random_floats(int64_t count, float range, int specials) {
  float *x = guarded(4 * (size_t)count);
  for (int64_t i = 0; i < count; i++) {
    const float number =
        specials && random_between(&state, 0, 19) == 0 ? special() : random_real(&state, -range, range);
    memcpy(x + i, &number, 4);
  }
  return x;
}

static void compare(const char *kernel, const char *what, int64_t rows, int64_t columns,
                    const float *expected, const float *actual) {
  check_cases++;
  for (int64_t i = 0; i < rows * columns; i++) {
    float y;
    memcpy(&y, actual + i, 4);
    const int same = isnan(expected[i]) ? isnan(y) : memcmp(expected + i, &y, 4) == 0;
    if (!same) {
      check_fail("%s, %s, %lld x %lld: element %lld of row %lld: expected %.9g, got %.9g", kernel, what,
                 (long long)rows, (long long)columns, (long long)(i % columns), (long long)(i / columns),
                 (double)expected[i], (double)y);
      return;
    }
  }
}

/* A result of its own, or the operand's place. */
static float *result_for(const float *src, int64_t count, int in_place) {
  float *dst = guarded(4 * (size_t)count);
  if (in_place) {
    memcpy(dst, src, 4 * (size_t)count);
  }
  return dst;
}

static int64_t random_columns(void) {
  return random_between(&state, 0, 3) == 0 ? random_between(&state, 1, 400) : random_between(&state, 1, 70);
}

static void softmax_case(void) {
  const int64_t rows = random_between(&state, 0, 5);
  const int64_t columns = random_columns();
  const int masked = random_between(&state, 0, 1);
  const float scale = random_between(&state, 0, 1) ? 1 : random_real(&state, 0.01f, 2);
  const int specials = random_between(&state, 0, 4) == 0;
  float *src = random_floats(rows * columns, random_between(&state, 0, 1) ? 5 : 120, specials);
  float *mask = random_floats(columns, 20, 0);
  for (int64_t i = 0; i < columns && random_between(&state, 0, 2) == 0; i++) {
    mask[i] = i % 3 == 0 ? -3.4028235e38f : mask[i];
  }
  float *expected = malloc(4 * (size_t)(rows * columns) + 4);
  float row[400];
  for (int64_t r = 0; r < rows; r++) {
    float most = -INFINITY;
    for (int64_t i = 0; i < columns; i++) {
      float x;
      memcpy(&x, src + r * columns + i, 4);
      row[i] = x * scale;
      if (masked) {
        row[i] += mask[i];
      }
      most = row[i] > most ? row[i] : most;
    }
    for (int64_t i = 0; i < columns; i++) {
      const float d = row[i] - most;
      row[i] = power(d < -88 ? -88 : d);
    }
    const float factor = 1 / sum_of(row, columns, 0);
    for (int64_t i = 0; i < columns; i++) {
      expected[r * columns + i] = row[i] * factor;
    }
  }
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (tier_runs_here(tier)) {
      const int in_place = random_between(&state, 0, 1);
      float *dst = result_for(src, rows * columns, in_place);
      const int32_t kernel = octet_softmax_kernel(tier);
      octet_softmax_run(kernel, scale, in_place ? dst : src, masked ? mask : NULL, dst, rows, columns);
      compare(octet_kernel_name(kernel), masked ? "masked" : "no mask", rows, columns, expected, dst);
    }
  }
  free(expected);
}

static void layer_norm_case(void) {
  const int64_t rows = random_between(&state, 0, 5);
  const int64_t columns = random_columns();
  const int residual = random_between(&state, 0, 1);
  const int specials = random_between(&state, 0, 4) == 0;
  const float *src = random_floats(rows * columns, 3, specials);
  const float *other = random_floats(rows * columns, 3, 0);
  struct octet_layer_norm plan = {.weights = random_floats(columns, 2, 0),
                                  .bias = random_floats(columns, 1, 0),
                                  .columns = columns,
                                  .epsilon = random_between(&state, 0, 1) ? 1e-12f : 1e-5f};
  float *expected = malloc(4 * (size_t)(rows * columns) + 4);
  float row[400];
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t i = 0; i < columns; i++) {
      row[i] = src[r * columns + i];
      if (residual) {
        row[i] += other[r * columns + i];
      }
    }
    const float mean = sum_of(row, columns, 0) / (float)columns;
    for (int64_t i = 0; i < columns; i++) {
      row[i] -= mean;
    }
    const float factor = 1 / sqrtf(sum_of(row, columns, 1) / (float)columns + plan.epsilon);
    for (int64_t i = 0; i < columns; i++) {
      expected[r * columns + i] = fmaf(row[i] * factor, plan.weights[i], plan.bias[i]);
    }
  }
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (tier_runs_here(tier)) {
      const int in_place = random_between(&state, 0, 1);
      float *dst = result_for(src, rows * columns, in_place);
      plan.kernel = octet_layer_norm_kernel(tier);
      octet_layer_norm_run(&plan, in_place ? dst : src, residual ? other : NULL, dst, rows);
      compare(octet_kernel_name(plan.kernel), residual ? "residual" : "no residual", rows, columns, expected,
              dst);
    }
  }
  free(expected);
}

static void gelu_case(void) {
  const int64_t count = random_between(&state, 0, 300);
  const float *src = random_floats(count, random_between(&state, 0, 1) ? 3 : 12, 1);
  float expected[300];
  for (int32_t form = OCTET_GELU_ERF; form <= OCTET_GELU_TANH; form++) {
    for (int64_t i = 0; i < count; i++) {
      float x;
      memcpy(&x, src + i, 4);
      expected[i] = form == OCTET_GELU_ERF ? gelu(x) : gelu_tanh(x);
    }
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        const int in_place = random_between(&state, 0, 1);
        float *dst = result_for(src, count, in_place);
        const int32_t kernel = octet_gelu_kernel(tier, form);
        octet_gelu_run(kernel, in_place ? dst : src, dst, count);
        compare(octet_kernel_name(kernel), "gelu", 1, count, expected, dst);
      }
    }
  }
}

int main(int argc, char **argv) {
  state = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
  printf("float functions, seed %llu\n", (unsigned long long)state);
  for (int i = 0; i < share_of(2000); i++) {
    softmax_case();
    guarded_free();
    layer_norm_case();
    guarded_free();
    gelu_case();
    guarded_free();
  }
  return check_result("softmax, layer norm and GELU");
}
