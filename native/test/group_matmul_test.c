/* Products of float rows and weights in groups: packing and the kernels of every tier that runs here, against
   the law spelled out in plain loops over the weights as they were given. Dynamic: bit by bit. Weight-only:
   within the law's bound around the sum in double precision. Every operand ends at a forbidden page. */
#include <math.h>

#include "check.h"
#include "tiers.h"

enum { FLUSH = 64 };

struct sizes {
  int32_t rows;
  int32_t k;
  int32_t n;
};

struct data {
  struct octet_group_matmul product;
  int32_t weight_only;
  int32_t transposed;
  int32_t tier;
  int32_t rows;
  int32_t groups;
  int64_t x_stride;
  int64_t y_stride;
  int32_t split;
  /* Of packed weights from a multiple of 64, or FLUSH: as their size leaves it before a forbidden page. */
  size_t packed_offset;
  /* Of scratch. */
  size_t scratch_offset;
  /* [k][n] and [groups][n]. */
  int32_t *weights;
  float *scales;
  int32_t *zero_points;
  float *x;
};

static void describe(const struct data *d, char *to, size_t bytes) {
  const struct octet_group_matmul *p = &d->product;
  snprintf(
      to, bytes,
      "%s, kernel %s, %d x %d x %d, type %d, group %d, scale type %d, zero point %d, transposed %d, strides "
      "%lld %lld, split %d, packed at %zu, scratch at %zu, bias %d, clamp %g %g",
      tier_name(d->tier), octet_kernel_name(p->kernel), d->rows, p->k, p->n, p->type, p->group, p->scale_type,
      p->zero_point, d->transposed, (long long)d->x_stride, (long long)d->y_stride, d->split,
      d->packed_offset, d->scratch_offset, p->bias != NULL, (double)p->low, (double)p->high);
}

static float unaligned(const float *from) {
  float x;
  memcpy(&x, from, sizeof x);
  return x;
}

/* Math.min(Math.max(y, low), high) of Java. */
static float clamp(float y, float low, float high) {
  if (isnan(y)) {
    return y;
  }
  y = y > low || (y == low && !signbit(y)) ? y : low;
  return y < high || (y == high && signbit(y)) ? y : high;
}

static float finish(const struct data *d, float y, int32_t column) {
  const struct octet_group_matmul *p = &d->product;
  return clamp(p->bias != NULL ? y + unaligned(p->bias + column) : y, p->low, p->high);
}

static int32_t quantize(float x, float scale) {
  const float t = rintf(x / scale);
  return isnan(t) || t < -127 ? -127 : t > 127 ? 127 : (int32_t)t;
}

static int32_t zero_point_of(const struct data *d, int32_t group, int32_t column) {
  return d->product.zero_point == OCTET_ZERO_POINTS_PACKED ? d->zero_points[group * d->product.n + column]
                                                           : d->product.zero_point;
}

/* A row of the law. */
static void dynamic_row(const struct data *d, const float *x, float *y) {
  const struct octet_group_matmul *p = &d->product;
  for (int32_t c = 0; c < p->n; c++) {
    y[c] = 0;
  }
  for (int32_t g = 0; g < d->groups; g++) {
    const int32_t first = g * p->group;
    const int32_t end = p->k - first < p->group ? p->k : first + p->group;
    float most = 0;
    int32_t q[256];
    for (int32_t i = first; i < end; i++) {
      const float magnitude = fabsf(unaligned(x + i));
      most = isnan(magnitude) || magnitude > most ? magnitude : most;
    }
    const float scale = most / 127 == 0 ? 1 : most / 127;
    for (int32_t i = first; i < end; i++) {
      q[i - first] = quantize(unaligned(x + i), scale);
    }
    for (int32_t c = 0; c < p->n; c++) {
      int32_t sum = 0;
      for (int32_t i = first; i < end; i++) {
        sum += q[i - first] * (d->weights[(int64_t)i * p->n + c] - zero_point_of(d, g, c));
      }
      y[c] = fmaf((float)sum, scale * d->scales[g * p->n + c], y[c]);
    }
  }
  for (int32_t c = 0; c < p->n; c++) {
    y[c] = finish(d, y[c], c);
  }
}

static void check_dynamic(const struct data *d, const float *y) {
  float *expected = malloc(4 * (size_t)d->product.n);
  for (int32_t r = 0; r < d->rows; r++) {
    dynamic_row(d, d->x + r * d->x_stride, expected);
    for (int32_t c = 0; c < d->product.n; c++) {
      const float got = unaligned(y + r * d->y_stride + c);
      if (memcmp(&got, &expected[c], 4) != 0 && !(isnan(got) && isnan(expected[c]))) {
        char text[512];
        describe(d, text, sizeof text);
        check_fail("%s: row %d column %d: expected %a, got %a", text, r, c, (double)expected[c], (double)got);
      }
    }
  }
  free(expected);
}

static void check_weight_only(const struct data *d, const float *y) {
  const struct octet_group_matmul *p = &d->product;
  for (int32_t r = 0; r < d->rows; r++) {
    for (int32_t c = 0; c < p->n; c++) {
      double sum = 0;
      double magnitude = 0;
      for (int32_t i = 0; i < p->k; i++) {
        const int32_t g = i / p->group;
        const float w =
            (float)(d->weights[(int64_t)i * p->n + c] - zero_point_of(d, g, c)) * d->scales[g * p->n + c];
        const double product = (double)unaligned(d->x + r * d->x_stride + i) * (double)w;
        sum += product;
        magnitude += fabs(product);
      }
      double bound = p->k * 0x1p-23 * magnitude;
      if (p->bias != NULL) {
        sum += (double)unaligned(p->bias + c);
        bound += (fabs(sum) + bound) * 0x1p-24;
      }
      sum = fmin(fmax(sum, (double)p->low), (double)p->high);
      const float got = unaligned(y + r * d->y_stride + c);
      if (!(fabs((double)got - sum) <= bound + p->k * 0x1p-149)) {
        char text[512];
        describe(d, text, sizeof text);
        check_fail("%s: row %d column %d: expected %a within %a, got %a", text, r, c, sum, bound,
                   (double)got);
      }
    }
  }
}

/* What lies between rows is not touched. */
static void check_gaps(const struct data *d, const float *y) {
  for (int32_t r = 0; r + 1 < d->rows; r++) {
    const unsigned char *gap = (const unsigned char *)(y + r * d->y_stride + d->product.n);
    for (int64_t i = 0; i < 4 * (d->y_stride - d->product.n); i++) {
      if (gap[i] != 0xa5) {
        char text[512];
        describe(d, text, sizeof text);
        check_fail("%s: row %d: byte %lld behind it was written", text, r, (long long)i);
        return;
      }
    }
  }
}

static void run(const struct data *d, float *y, int32_t first, int32_t columns) {
  const struct octet_group_matmul *p = &d->product;
  if (d->weight_only) {
    octet_weight_only_matmul_run(p, d->x, d->x_stride, y, d->y_stride, d->rows, first, columns);
    return;
  }
  const int64_t bytes = octet_dynamic_group_matmul_scratch_bytes(p, d->rows);
  void *scratch = bytes == 0 ? NULL : guarded_offset((size_t)bytes, d->scratch_offset);
  octet_dynamic_group_matmul_run(p, d->x, d->x_stride, y, d->y_stride, d->rows, first, columns, scratch);
}

/* The weights as a caller has them: dense, 4 bits two to a byte. */
static void *stored_weights(const struct data *d) {
  const struct octet_group_matmul *p = &d->product;
  const int64_t count = (int64_t)p->k * p->n;
  const int32_t nibbles = p->type != OCTET_S8;
  uint8_t *stored = guarded_end((size_t)(nibbles ? (count + 1) / 2 : count));
  for (int64_t i = 0; i < count; i++) {
    const int64_t k = d->transposed ? i % p->k : i / p->n;
    const int64_t n = d->transposed ? i / p->k : i % p->n;
    const int32_t w = d->weights[k * p->n + n];
    if (!nibbles) {
      stored[i] = (uint8_t)w;
    } else if (i % 2 == 0) {
      stored[i / 2] = (uint8_t)(w & 0xf);
    } else {
      stored[i / 2] = (uint8_t)(stored[i / 2] | (w & 0xf) << 4);
    }
  }
  return stored;
}

/* Packs, in two ranges, with parameters in the order of the weights. */
static void pack(struct data *d) {
  struct octet_group_matmul *p = &d->product;
  const int32_t count = d->groups * p->n;
  const int32_t with_zero_points = p->zero_point == OCTET_ZERO_POINTS_PACKED;
  float *scales = guarded_end(4 * (size_t)count);
  int32_t *zero_points = with_zero_points ? guarded_end(4 * (size_t)count) : NULL;
  for (int32_t i = 0; i < count; i++) {
    const int32_t at = d->transposed ? i % p->n * d->groups + i / p->n : i;
    scales[at] = d->scales[i];
    if (with_zero_points) {
      zero_points[at] = d->zero_points[i];
    }
  }
  const void *weights = stored_weights(d);
  const size_t packed_bytes = (size_t)octet_group_matmul_packed_bytes(p);
  void *packed =
      d->packed_offset == FLUSH ? guarded_end(packed_bytes) : guarded_offset(packed_bytes, d->packed_offset);
  const int64_t group_stride = d->transposed ? 1 : p->n;
  const int64_t column_stride = d->transposed ? d->groups : 1;
  octet_group_matmul_pack(p, weights, d->transposed, scales, zero_points, group_stride, column_stride, 0,
                          d->split, packed);
  octet_group_matmul_pack(p, weights, d->transposed, scales, zero_points, group_stride, column_stride,
                          d->split, p->n - d->split, packed);
  p->weights = packed;
}

static float special(uint64_t *seed) {
  static const float values[] = {0.0f,   -0.0f,   1.0f,     INFINITY, -INFINITY, NAN,    3.4e38f, -3.4e38f,
                                 1e-45f, -1e-40f, 1.2e-38f, 127.0f,   63.5f,     -62.5f, 1e30f,   -1e-30f};
  return values[random_bits(seed) % (sizeof values / sizeof values[0])];
}

/* A row of plain numbers, of ties (steps of a half where the largest is 127), tiny ones, of all sizes, or
   anything. */
static void fill_row(uint64_t *seed, float *row, int32_t k, int32_t finite_only) {
  static const int32_t finite[] = {0, 0, 1, 6, 7, 8};
  const int32_t kind = finite_only ? finite[random_bits(seed) % 6] : random_between(seed, 0, 6);
  const float size = kind == 4 ? 1e-39f : kind == 5 ? 1e37f : 4.0f;
  for (int32_t i = 0; i < k; i++) {
    float x = random_real(seed, -size, size);
    if (kind == 1) {
      x = (float)random_between(seed, -254, 254) * 0.5f;
    } else if (kind == 2) {
      x = special(seed);
    } else if (kind == 3) {
      x = random_between(seed, 0, 9) == 0 ? special(seed) : x;
    } else if (kind == 6) {
      x = 0;
    } else if (kind >= 7) {
      /* Most of a size, or none. */
      x = ldexpf(x, kind == 7 && random_bits(seed) % 16 ? 0 : random_between(seed, -40, 0));
    }
    memcpy(row + i, &x, sizeof x);
  }
}

/* F16: 11 bits, down to the denormals of binary16. BF16: 8 bits. */
static float random_scale(uint64_t *seed, int32_t scale_type) {
  switch (scale_type) {
    case OCTET_SCALES_F16:
      return ldexpf((float)random_between(seed, 1, 2047), random_between(seed, -24, 3));
    case OCTET_SCALES_BF16:
      return ldexpf((float)random_between(seed, 1, 255), random_between(seed, -16, -12));
    default:
      return random_real(seed, 0.001f, 0.1f);
  }
}

/* What is large in the first row plays no part: its weights are 0, so that what is small must be right. */
static void hide_large(struct data *d) {
  for (int32_t i = 0; i < d->product.k; i++) {
    for (int32_t c = 0; c < d->product.n && fabsf(unaligned(d->x + i)) > 0x1p-12f; c++) {
      d->weights[(int64_t)i * d->product.n + c] = zero_point_of(d, i / d->product.group, c);
    }
  }
}

static const size_t PACKED_OFFSETS[] = {FLUSH, 1, 4, 16, 32};
static const size_t SCRATCH_OFFSETS[] = {0, 4, 16, 32};

static void one_case(uint64_t *seed, struct sizes sizes, int32_t weight_only) {
  static const int32_t types[] = {OCTET_S8, OCTET_S4, OCTET_U4};
  static const int32_t lows[] = {-128, -8, 0};
  struct data d = {.weight_only = weight_only, .rows = sizes.rows};
  struct octet_group_matmul *p = &d.product;
  const int32_t type = random_between(seed, 0, 2);
  const int32_t low = lows[type];
  const int32_t high = type == 0 ? 127 : low + 15;
  /* Of zero points; as a weight, which hide_large makes of them, 16 is none. */
  const int32_t most = type == 2 && !weight_only ? 16 : high;
  p->type = types[type];
  p->k = sizes.k;
  p->n = sizes.n;
  p->group = weight_only && type == 0 && random_bits(seed) % 2 ? p->k : 16 << random_between(seed, 0, 4);
  p->scale_type = random_between(seed, 0, 2);
  d.groups = (p->k + p->group - 1) / p->group;
  d.transposed = random_between(seed, 0, 1);
  d.x_stride = p->k + (random_bits(seed) % 2 ? 0 : random_between(seed, 1, 9));
  d.y_stride = p->n + (random_bits(seed) % 2 ? 0 : random_between(seed, 1, 9));
  d.weights = malloc(4 * (size_t)p->k * (size_t)p->n);
  for (int64_t i = 0; i < (int64_t)p->k * p->n; i++) {
    d.weights[i] = random_bits(seed) % 8   ? random_between(seed, low, high)
                   : random_bits(seed) % 2 ? low
                                           : high;
  }
  const int32_t parameters = d.groups * p->n;
  d.scales = malloc(4 * (size_t)parameters);
  d.zero_points = malloc(4 * (size_t)parameters);
  for (int32_t i = 0; i < parameters; i++) {
    d.scales[i] = random_scale(seed, p->scale_type) * (random_bits(seed) % 4 ? 1.f : -1.f);
    d.zero_points[i] = random_bits(seed) % 4   ? random_between(seed, low, high)
                       : random_bits(seed) % 2 ? low
                                               : most;
  }
  const int32_t zero_points = random_between(seed, 0, 2);
  p->zero_point = zero_points == 0 ? 0 : zero_points == 1 ? d.zero_points[0] : OCTET_ZERO_POINTS_PACKED;
  const size_t misaligned = random_bits(seed) % 2 ? 0 : 2;
  const size_t x_count = d.rows == 0 ? 0 : (size_t)((d.rows - 1) * d.x_stride + p->k);
  const size_t y_count = d.rows == 0 ? 0 : (size_t)((d.rows - 1) * d.y_stride + p->n);
  float *bias = NULL;
  if (random_bits(seed) % 2) {
    bias = guarded_end(4 * (size_t)p->n + misaligned);
    for (int32_t c = 0; c < p->n; c++) {
      const float b = random_real(seed, -9, 9);
      memcpy(bias + c, &b, sizeof b);
    }
  }
  p->bias = bias;
  const int32_t clamped = random_between(seed, 0, 3);
  p->low = clamped == 1 ? 0.0f : clamped == 2 ? -0.0f : clamped == 3 ? -1.0f : -INFINITY;
  p->high = clamped == 1 ? 6.0f : clamped == 2 ? 0.0f : INFINITY;
  d.x = guarded_end(4 * x_count + misaligned);
  for (int32_t r = 0; r < d.rows; r++) {
    fill_row(seed, d.x + r * d.x_stride, p->k, weight_only);
  }
  if (weight_only && d.rows == 1 && random_bits(seed) % 2) {
    hide_large(&d);
  }
  for (d.tier = OCTET_ISA_BASELINE; d.tier <= LAST_TIER; d.tier++) {
    p->kernel = weight_only ? octet_weight_only_matmul_kernel(d.tier, p->type)
                            : octet_dynamic_group_matmul_kernel(d.tier, p->type);
    if (!tier_runs_here(d.tier) || p->kernel < 0) {
      if (is_tier(d.tier) && p->kernel < 0) {
        check_fail("tier %s has no kernel for type %d", tier_name(d.tier), p->type);
      }
      continue;
    }
    p->packed_layout = octet_group_matmul_layout(d.tier);
    d.split = random_between(seed, 0, p->n / p->packed_layout) * p->packed_layout;
    d.packed_offset = PACKED_OFFSETS[random_bits(seed) % 5];
    d.scratch_offset = SCRATCH_OFFSETS[random_bits(seed) % 4];
    pack(&d);
    float *y = guarded_end(4 * y_count + misaligned);
    run(&d, y, 0, d.split);
    run(&d, y, d.split, p->n - d.split);
    if (weight_only) {
      check_weight_only(&d, y);
    } else {
      check_dynamic(&d, y);
    }
    check_gaps(&d, y);
    check_cases++;
  }
  free(d.weights);
  free(d.scales);
  free(d.zero_points);
  guarded_free();
}

static void scale_types(void) {
  static const struct {
    float scales[3];
    int32_t expected;
  } cases[] = {
      {{1.0f, 0.5f, 65504.0f}, OCTET_SCALES_F16},        {{0x1p-24f, 0x1.ff8p-15f, 1.0f}, OCTET_SCALES_F16},
      {{0x1p-25f, 1.0f, 1.0f}, OCTET_SCALES_BF16},       {{65536.0f, 1.0f, 1.0f}, OCTET_SCALES_BF16},
      {{0x1.004p0f, 1.0f, 1.0f}, OCTET_SCALES_F16},      {{0x1.002p0f, 1.0f, 1.0f}, OCTET_SCALES_F32},
      {{0x1.01p0f, 0x1p-60f, 1.0f}, OCTET_SCALES_F32},   {{1.0f, 0x1.fep100f, 1e-3f}, OCTET_SCALES_F32},
      {{0x1p-126f, 0x1p-133f, 1.0f}, OCTET_SCALES_BF16}, {{1.0f, 1.0f, 65520.0f}, OCTET_SCALES_F32},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const int32_t got = octet_group_matmul_scale_type(cases[i].scales, 3);
    if (got != cases[i].expected) {
      check_fail("scale type of %a, %a, %a: expected %d, got %d", (double)cases[i].scales[0],
                 (double)cases[i].scales[1], (double)cases[i].scales[2], cases[i].expected, got);
    }
    check_cases++;
  }
}

int main(int argc, char **argv) {
  const uint64_t first_seed = seed_of_process(argc, argv);
  uint64_t seed = first_seed;
  scale_types();
  for (int32_t i = 0; i < share_of(700); i++) {
    const struct sizes sizes = {
        i % 4 == 3 ? 1 : random_between(&seed, i % 9 == 0 ? 0 : 1, i % 5 == 0 ? 40 : 7),
        random_between(&seed, 1, i % 4 == 0 ? 40 : 300), random_between(&seed, 1, i % 4 == 1 ? 17 : 100)};
    one_case(&seed, sizes, i % 2);
  }
  /* More rows than are quantized at a time, and more k than become floats at a time. */
  one_case(&seed, (struct sizes){14, 60000, 20}, 0);
  one_case(&seed, (struct sizes){14, 1000, 70}, 1);
  /* One row, more k than become digits at a time. */
  for (int32_t i = 0; i < share_of(20); i++) {
    one_case(&seed, (struct sizes){1, random_between(&seed, 2000, 6000), random_between(&seed, 1, 100)}, 1);
  }
  /* Whole groups. */
  for (int32_t i = 0; i < share_of(300); i++) {
    const int32_t k = 32 * random_between(&seed, 1, 9) - random_between(&seed, 0, 7);
    const int32_t rows = i % 2 ? 1 : random_between(&seed, 2, 11);
    one_case(&seed, (struct sizes){rows, k, random_between(&seed, 1, 100)}, 0);
  }
  return check_result("products of float rows and weights in groups");
}
