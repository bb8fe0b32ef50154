/* Products of float rows and weights in block formats: packing and the kernels of every tier that runs here,
   bit by bit against the law spelled out over the blocks as a file has them, one product or several that
   share their rows, or within the bound of float arithmetic. Every operand ends at a forbidden page. */
#include <math.h>

#include "check.h"
#include "kernels.h"
#include "tiers.h"

enum { GROUP = 32, FLUSH = 64, MOST_PARTS = 3, TRIED = LAST_TIER + 2 };

struct format {
  const char *name;
  int32_t number;
  int32_t elements;
  int32_t bytes;
  /* Where a block has binary16 numbers, or -1. */
  int32_t halves[2];
};

static const struct format FORMATS[] = {
    {"Q4_0", OCTET_BLOCK_Q4_0, 32, 18, {0, -1}},     {"Q4_1", OCTET_BLOCK_Q4_1, 32, 20, {0, 2}},
    {"Q5_0", OCTET_BLOCK_Q5_0, 32, 22, {0, -1}},     {"Q5_1", OCTET_BLOCK_Q5_1, 32, 24, {0, 2}},
    {"Q8_0", OCTET_BLOCK_Q8_0, 32, 34, {0, -1}},     {"Q4_K", OCTET_BLOCK_Q4_K, 256, 144, {0, 2}},
    {"Q5_K", OCTET_BLOCK_Q5_K, 256, 176, {0, 2}},    {"Q6_K", OCTET_BLOCK_Q6_K, 256, 210, {208, -1}},
    {"IQ4_NL", OCTET_BLOCK_IQ4_NL, 32, 18, {0, -1}}, {"MXFP4", OCTET_BLOCK_MXFP4, 32, 17, {-1, -1}},
    {"NVFP4", OCTET_BLOCK_NVFP4, 64, 36, {-1, -1}}};

enum { FORMAT_COUNT = sizeof FORMATS / sizeof FORMATS[0] };

/* The weights of a group: scales[i / 16] * q[i] + minimum; both scales are the same where there is one. */
struct group {
  int32_t q[GROUP];
  float scales[2];
  int32_t scale_count;
  int32_t has_minimum;
  float minimum;
};

struct part {
  struct octet_group_matmul product;
  const struct format *format;
  /* [n][k / elements] blocks. */
  const uint8_t *blocks;
  /* Columns of the parts before. */
  int32_t first;
};

struct data {
  struct part parts[MOST_PARTS];
  int32_t part_count;
  int32_t k;
  /* Of all parts. */
  int32_t n;
  int32_t tier;
  int32_t rows;
  int64_t x_stride;
  int64_t y_stride;
  /* Where the columns of a run end and those of the next begin. */
  int32_t split;
  size_t packed_offset;
  size_t scratch_offset;
  float *x;
};

/* A finite binary16. */
static float half_at(const uint8_t *bytes) {
  const int32_t bits = bytes[0] | bytes[1] << 8;
  const int32_t exponent = bits >> 10 & 31;
  const int32_t mantissa = bits & 1023;
  const float magnitude =
      exponent == 0 ? ldexpf((float)mantissa, -24) : ldexpf((float)(1024 + mantissa), exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

/* Half i of some bytes: low halves of all of them, then high ones. */
static int32_t half_byte(const uint8_t *bytes, int32_t count, int32_t i) {
  return i < count ? bytes[i] & 15 : bytes[i - count] >> 4;
}

static void decode(const struct format *format, const uint8_t *block, int32_t g, struct group *to) {
  static const int32_t nonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                        1,    13,   25,  38,  53,  69,  89,  113};
  static const int32_t e2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
  to->scale_count = 1;
  to->has_minimum = 0;
  to->minimum = 0;
  for (int32_t i = 0; i < GROUP; i++) {
    switch (format->number) {
      case OCTET_BLOCK_Q4_0:
        to->q[i] = half_byte(block + 2, 16, i) - 8;
        break;
      case OCTET_BLOCK_Q4_1:
        to->q[i] = half_byte(block + 4, 16, i);
        break;
      case OCTET_BLOCK_Q5_0:
        to->q[i] = half_byte(block + 6, 16, i) + 16 * (block[2 + i / 8] >> i % 8 & 1) - 16;
        break;
      case OCTET_BLOCK_Q5_1:
        to->q[i] = half_byte(block + 8, 16, i) + 16 * (block[4 + i / 8] >> i % 8 & 1);
        break;
      case OCTET_BLOCK_Q8_0:
        to->q[i] = (int8_t)block[2 + i];
        break;
      case OCTET_BLOCK_Q4_K:
        to->q[i] = half_byte(block + 16 + g / 2 * 32, 32, g % 2 * 32 + i);
        break;
      case OCTET_BLOCK_Q5_K:
        to->q[i] = half_byte(block + 48 + g / 2 * 32, 32, g % 2 * 32 + i) + 16 * (block[16 + i] >> g & 1);
        break;
      case OCTET_BLOCK_Q6_K:
        to->q[i] = half_byte(block + g / 4 * 64 + g % 2 * 32, 32, g % 4 / 2 * 32 + i) +
                   16 * (block[128 + g / 4 * 32 + i] >> g % 4 * 2 & 3) - 32;
        break;
      case OCTET_BLOCK_IQ4_NL:
        to->q[i] = nonlinear[half_byte(block + 2, 16, i)];
        break;
      case OCTET_BLOCK_MXFP4:
        to->q[i] = e2m1[half_byte(block + 1, 16, i)];
        break;
      default:
        to->q[i] = e2m1[half_byte(block + 4 + 16 * g + i / 16 * 8, 8, i % 16)];
    }
  }
  switch (format->number) {
    case OCTET_BLOCK_Q4_1:
    case OCTET_BLOCK_Q5_1:
      to->has_minimum = 1;
      to->minimum = half_at(block + 2);
      to->scales[0] = half_at(block);
      break;
    case OCTET_BLOCK_Q4_K:
    case OCTET_BLOCK_Q5_K: {
      const uint8_t *s = block + 4;
      const int32_t sc = g < 4 ? s[g] & 63 : (s[g + 4] & 15) + 16 * (s[g - 4] >> 6);
      const int32_t m = g < 4 ? s[g + 4] & 63 : (s[g + 4] >> 4) + 16 * (s[g] >> 6);
      to->has_minimum = 1;
      to->minimum = -half_at(block + 2) * (float)m;
      to->scales[0] = half_at(block) * (float)sc;
      break;
    }
    case OCTET_BLOCK_Q6_K:
      to->scale_count = 2;
      for (int32_t i = 0; i < 2; i++) {
        to->scales[i] = half_at(block + 208) * (float)(int8_t)block[192 + 2 * g + i];
      }
      break;
    case OCTET_BLOCK_MXFP4:
      to->scales[0] = ldexpf(1, block[0] - 128);
      break;
    case OCTET_BLOCK_NVFP4:
      to->scale_count = 2;
      for (int32_t i = 0; i < 2; i++) {
        const int32_t code = block[2 * g + i];
        const int32_t exponent = code >> 3 & 15;
        to->scales[i] = code == 0x7f    ? 0
                        : exponent == 0 ? ldexpf((float)(code & 7), -10)
                                        : ldexpf((float)(8 + (code & 7)), exponent - 11);
      }
      break;
    default:
      to->scales[0] = half_at(block);
  }
}

static float unaligned(const float *from) {
  float x;
  memcpy(&x, from, sizeof x);
  return x;
}

static int32_t quantize(float x, float scale) {
  const float t = rintf(x / scale);
  return isnan(t) || t < -127 ? -127 : t > 127 ? 127 : (int32_t)t;
}

/* A row of the law. */
static void law(const struct part *part, const float *x, float *y) {
  const struct octet_group_matmul *p = &part->product;
  const int32_t groups_of_block = part->format->elements / GROUP;
  for (int32_t c = 0; c < p->n; c++) {
    y[c] = 0;
  }
  for (int32_t g = 0; g < p->k / GROUP; g++) {
    float most = 0;
    int32_t q[GROUP];
    int32_t sum = 0;
    for (int32_t i = 0; i < GROUP; i++) {
      const float magnitude = fabsf(unaligned(x + g * GROUP + i));
      most = isnan(magnitude) || magnitude > most ? magnitude : most;
    }
    const float scale = most / 127 == 0 ? 1 : most / 127;
    for (int32_t i = 0; i < GROUP; i++) {
      q[i] = quantize(unaligned(x + g * GROUP + i), scale);
      sum += q[i];
    }
    for (int32_t c = 0; c < p->n; c++) {
      const int64_t block = ((int64_t)c * p->k + g * GROUP) / part->format->elements;
      struct group w;
      decode(part->format, part->blocks + block * part->format->bytes, g % groups_of_block, &w);
      const int32_t length = GROUP / w.scale_count;
      for (int32_t s = 0; s < w.scale_count; s++) {
        int32_t products = 0;
        for (int32_t i = s * length; i < (s + 1) * length; i++) {
          products += q[i] * w.q[i];
        }
        y[c] = fmaf((float)products, scale * w.scales[s], y[c]);
      }
      if (w.has_minimum) {
        y[c] = fmaf(w.minimum, scale * (float)sum, y[c]);
      }
    }
  }
  for (int32_t c = 0; c < p->n; c++) {
    const float f = p->bias != NULL ? y[c] + unaligned(p->bias + c) : y[c];
    y[c] = isnan(f) ? f : fminf(fmaxf(f, p->low), p->high);
  }
}

static const struct part *part_of(const struct data *d, int32_t column) {
  int32_t i = 0;
  while (i + 1 < d->part_count && column >= d->parts[i + 1].first) {
    i++;
  }
  return &d->parts[i];
}

/* Columns of the first rows that no run was to touch. */
static void check_untouched(const struct data *d, const float *y, int32_t rows, int64_t first, int64_t end) {
  for (int32_t r = 0; r < rows; r++) {
    const unsigned char *bytes = (const unsigned char *)(y + r * d->y_stride + first);
    for (int64_t i = 0; i < 4 * (end - first); i++) {
      if (bytes[i] != 0xa5) {
        check_fail("%s on %s, split %d of %d: row %d, byte %lld from column %lld on was written",
                   d->parts[0].format->name, tier_name(d->tier), d->split, d->n, r, (long long)i,
                   (long long)first);
        return;
      }
    }
  }
}

static void check_gaps(const struct data *d, const float *y) {
  check_untouched(d, y, d->rows - 1, d->n, d->y_stride);
}

static void check(const struct data *d, const float *expected, const float *y) {
  for (int32_t r = 0; r < d->rows; r++) {
    for (int32_t c = 0; c < d->n; c++) {
      const float wanted = expected[(int64_t)r * d->n + c];
      const float got = unaligned(y + r * d->y_stride + c);
      if (memcmp(&got, &wanted, 4) != 0 && !(isnan(got) && isnan(wanted))) {
        const struct part *part = part_of(d, c);
        const struct octet_group_matmul *p = &part->product;
        check_fail(
            "%s, from column %d of %d on, on %s, %d x %d x %d, strides %lld %lld, split %d, packed at %zu, "
            "scratch at %zu, bias %d, clamp %g %g: row %d column %d: expected %a, got %a",
            part->format->name, part->first, d->n, tier_name(d->tier), d->rows, p->k, p->n,
            (long long)d->x_stride, (long long)d->y_stride, d->split, d->packed_offset, d->scratch_offset,
            p->bias != NULL, (double)p->low, (double)p->high, r, c, (double)wanted, (double)got);
      }
    }
  }
  check_gaps(d, y);
}

/* Rows stay floats: within the bound of the header of the sum in double precision, where it fits a float. */
static void check_weight_only(const struct data *d, const struct part *part, const float *y) {
  const struct octet_group_matmul *p = &part->product;
  const int32_t groups_of_block = part->format->elements / GROUP;
  double *sums = calloc(2 * (size_t)p->n * (size_t)(d->rows + 1), sizeof(double));
  double *magnitudes = sums + (int64_t)p->n * (d->rows + 1);
  for (int32_t c = 0; c < p->n; c++) {
    for (int32_t g = 0; g < p->k / GROUP; g++) {
      const int64_t block = ((int64_t)c * p->k + g * GROUP) / part->format->elements;
      struct group w;
      decode(part->format, part->blocks + block * part->format->bytes, g % groups_of_block, &w);
      for (int32_t i = 0; i < GROUP; i++) {
        const float scaled = w.scales[w.scale_count == 1 ? 0 : i / 16] * (float)w.q[i];
        const float weight = scaled + w.minimum;
        for (int32_t r = 0; r < d->rows; r++) {
          const double x = (double)unaligned(d->x + r * d->x_stride + g * GROUP + i);
          /* Of a weight beyond F32, as MXFP4 may have, nothing is asked. */
          sums[(int64_t)r * p->n + c] += isfinite(weight) ? x * (double)weight : 0;
          magnitudes[(int64_t)r * p->n + c] +=
              isfinite(weight) ? fabs(x) * (fabs((double)scaled) + fabs((double)w.minimum))
                               : 0x1p200 * (1 + fabs(x));
        }
      }
    }
  }
  for (int32_t r = 0; r < d->rows; r++) {
    for (int32_t c = 0; c < p->n; c++) {
      double sum = sums[(int64_t)r * p->n + c];
      const double magnitude = magnitudes[(int64_t)r * p->n + c];
      const float got = unaligned(y + r * d->y_stride + c);
      double bound = p->k * 0x1p-23 * magnitude;
      if (p->bias != NULL) {
        sum += (double)unaligned(p->bias + c);
        bound += (fabs(sum) + bound) * 0x1p-24;
      }
      sum = isnan(sum) ? sum : fmin(fmax(sum, (double)p->low), (double)p->high);
      const int is_right = isfinite(magnitude)
                               ? magnitude >= 0x1p126 || fabs((double)got - sum) <= bound + p->k * 0x1p-149
                               : isfinite(p->high) || !isfinite(got);
      if (!is_right) {
        check_fail(
            "%s in floats on %s, %d x %d x %d, strides %lld %lld, split %d, packed at %zu, bias %d, clamp %g "
            "%g: row %d column %d: expected %a within %a, got %a",
            part->format->name, tier_name(d->tier), d->rows, p->k, p->n, (long long)d->x_stride,
            (long long)d->y_stride, d->split, d->packed_offset, p->bias != NULL, (double)p->low,
            (double)p->high, r, c, sum, bound, (double)got);
      }
    }
  }
  free(sums);
}

/* One product after the other, each in two runs. */
static void run_weight_only(uint64_t *seed, const struct data *d, struct part *part, float *y) {
  struct octet_group_matmul *p = &part->product;
  const int32_t split = random_between(seed, 0, p->n / p->packed_layout) * p->packed_layout;
  float *first = y + part->first;
  p->kernel = octet_block_weight_only_matmul_kernel(d->tier, p->type);
  octet_block_weight_only_matmul_run(p, d->x, d->x_stride, first, d->y_stride, d->rows, split, p->n - split);
  check_untouched(d, y, d->rows, part->first, part->first + split);
  octet_block_weight_only_matmul_run(p, d->x, d->x_stride, first, d->y_stride, d->rows, 0, split);
  check_weight_only(d, part, first);
}

/* Any bits, with binary16 numbers that are finite. */
static const uint8_t *random_blocks(uint64_t *seed, const struct format *format, int64_t count) {
  uint8_t *blocks = guarded_end((size_t)(count * format->bytes));
  random_bytes(seed, blocks, (size_t)(count * format->bytes));
  for (int64_t b = 0; b < count; b++) {
    uint8_t *block = blocks + b * format->bytes;
    if (format->number == OCTET_BLOCK_MXFP4 && block[0] == 255) {
      block[0] = (uint8_t)random_between(seed, 0, 1);
    }
    for (int32_t i = 0; i < 2 && format->halves[i] >= 0; i++) {
      /* Any sign; an exponent from that of denormals to 2^0. */
      const int32_t kind = random_between(seed, 0, 15);
      block[format->halves[i] + 1] = (uint8_t)((block[format->halves[i] + 1] & 0x83) |
                                               (kind == 0 ? 0 : random_between(seed, 1, 15)) << 2);
    }
  }
  return blocks;
}

/* With blocks, bias or not, and clamp or not. */
static void fill_part(uint64_t *seed, const struct data *d, struct part *part) {
  struct octet_group_matmul *p = &part->product;
  p->type = part->format->number;
  p->k = d->k;
  part->first = d->n;
  part->blocks = random_blocks(seed, part->format, (int64_t)p->k / part->format->elements * p->n);
  if (random_bits(seed) % 2) {
    float *bias = guarded_end(4 * (size_t)p->n + (random_bits(seed) % 2 ? 0 : 2));
    for (int32_t c = 0; c < p->n; c++) {
      const float b = random_real(seed, -9, 9);
      memcpy(bias + c, &b, sizeof b);
    }
    p->bias = bias;
  }
  const int32_t clamped = random_bits(seed) % 3 == 0;
  p->low = clamped ? -1.0f : -INFINITY;
  p->high = clamped ? 6.0f : INFINITY;
}

/* Packs a part in two pieces. */
static void pack_part(uint64_t *seed, const struct data *d, struct part *part) {
  struct octet_group_matmul *p = &part->product;
  p->packed_layout = octet_group_matmul_layout(d->tier);
  const int32_t split = random_between(seed, 0, p->n / p->packed_layout) * p->packed_layout;
  const size_t bytes = (size_t)octet_block_matmul_packed_bytes(p);
  void *packed = d->packed_offset == FLUSH ? guarded_end(bytes) : guarded_offset(bytes, d->packed_offset);
  octet_block_matmul_pack(p, part->blocks, 0, split, packed);
  octet_block_matmul_pack(p, part->blocks, split, p->n - split, packed);
  p->weights = packed;
}

static void one_case(uint64_t *seed, const struct format *format, int32_t rows, int32_t blocks, int32_t n) {
  static const size_t packed_offsets[] = {FLUSH, 1, 4, 16, 32};
  static const size_t scratch_offsets[] = {0, 4, 16, 32};
  struct data d = {.rows = rows, .k = blocks * format->elements};
  d.part_count = random_between(seed, -3, MOST_PARTS);
  d.part_count = d.part_count < 1 ? 1 : d.part_count;
  for (int32_t i = 0; i < d.part_count; i++) {
    struct part *part = &d.parts[i];
    part->format = format;
    while (i > 0 && (d.k % part->format->elements != 0 || random_bits(seed) % 2)) {
      part->format = &FORMATS[random_between(seed, 0, FORMAT_COUNT - 1)];
    }
    part->product.n = i == 0 ? n : random_between(seed, 1, 70);
    fill_part(seed, &d, part);
    d.n += part->product.n;
    if (i > 0) {
      d.parts[i - 1].product.next = &part->product;
    }
  }
  d.x_stride = d.k + (random_bits(seed) % 2 ? 0 : random_between(seed, 1, 9));
  d.y_stride = d.n + (random_bits(seed) % 2 ? 0 : random_between(seed, 1, 9));
  const size_t misaligned = random_bits(seed) % 2 ? 0 : 2;
  d.x = guarded_end(4 * (size_t)(rows == 0 ? 0 : (rows - 1) * d.x_stride + d.k) + misaligned);
  for (int32_t r = 0; r < rows; r++) {
    const int32_t kind = random_between(seed, 0, 6);
    for (int32_t i = 0; i < d.k; i++) {
      float x = random_real(seed, -4, 4);
      x = kind == 1                                  ? (float)random_between(seed, -254, 254) * 0.5f
          : kind == 2                                ? x * 1e-39f
          : kind == 3                                ? x * 1e36f
          : kind == 4                                ? random_bits(seed) % 50 == 0 ? NAN : 0.0f
          : kind == 5 && random_bits(seed) % 50 == 0 ? copysignf(INFINITY, x)
                                                     : x;
      memcpy(d.x + r * d.x_stride + i, &x, sizeof x);
    }
  }
  float *expected = malloc(4 * (size_t)d.n * (size_t)(rows + 1));
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t i = 0; i < d.part_count; i++) {
      law(&d.parts[i], d.x + r * d.x_stride, expected + (int64_t)r * d.n + d.parts[i].first);
    }
  }
  for (int32_t tried = 0; tried < TRIED; tried++) {
    d.tier = tried <= LAST_TIER ? tried : OCTET_ISA_AVX512VNNI;
    int32_t kernel = octet_block_matmul_kernel(d.tier, format->number);
#if defined(__x86_64__)
    /* Which a CPU with VBMI has another kernel for. */
    kernel = tried > LAST_TIER ? KERNEL_octet_f32blocks_f32_pg_dynamic_4x32__avx512vnni : kernel;
#endif
    if (is_tier(d.tier) && kernel < 0) {
      check_fail("tier %s has no kernel for %s", tier_name(d.tier), format->name);
    }
    if (!tier_runs_here(d.tier) || kernel < 0) {
      continue;
    }
    d.packed_offset = packed_offsets[random_bits(seed) % 5];
    d.scratch_offset = scratch_offsets[random_bits(seed) % 4];
    for (int32_t i = 0; i < d.part_count; i++) {
      d.parts[i].product.kernel = kernel;
      pack_part(seed, &d, &d.parts[i]);
    }
    const struct octet_group_matmul *p = &d.parts[0].product;
    const struct part *last = &d.parts[random_between(seed, 0, d.part_count - 1)];
    d.split = last->first + random_between(seed, 0, last->product.n / p->packed_layout) * p->packed_layout;
    const int64_t bytes = octet_block_matmul_scratch_bytes(p, rows);
    void *scratch = bytes == 0 ? NULL : guarded_offset((size_t)bytes, d.scratch_offset);
    const size_t y_bytes = 4 * (size_t)(rows == 0 ? 0 : (rows - 1) * d.y_stride + d.n) + misaligned;
    float *y = guarded_end(y_bytes);
    if (random_bits(seed) % 2) {
      octet_block_matmul_run(p, d.x, d.x_stride, y, d.y_stride, rows, 0, d.split, scratch);
      check_untouched(&d, y, rows, d.split, d.n);
      octet_block_matmul_run(p, d.x, d.x_stride, y, d.y_stride, rows, d.split, d.n - d.split, scratch);
    } else {
      octet_block_matmul_run(p, d.x, d.x_stride, y, d.y_stride, rows, d.split, d.n - d.split, scratch);
      check_untouched(&d, y, rows, 0, d.split);
      octet_block_matmul_run(p, d.x, d.x_stride, y, d.y_stride, rows, 0, d.split, scratch);
    }
    check(&d, expected, y);
    y = guarded_end(y_bytes);
    for (int32_t i = 0; i < d.part_count; i++) {
      run_weight_only(seed, &d, &d.parts[i], y);
    }
    check_gaps(&d, y);
    check_cases += 2;
  }
  free(expected);
  guarded_free();
}

int main(int argc, char **argv) {
  const uint64_t first_seed = seed_of_process(argc, argv);
  uint64_t seed = first_seed;
  for (int32_t i = 0; i < share_of(60 * FORMAT_COUNT); i++) {
    const int32_t rows = i % 3 == 0 ? 1 : random_between(&seed, i % 7 == 0 ? 0 : 2, 11);
    one_case(&seed, &FORMATS[i % FORMAT_COUNT], rows, random_between(&seed, 1, 4),
             random_between(&seed, 1, 100));
  }
  /* More K than weight-only takes at a time. */
  for (int32_t i = 0; i < 2 * FORMAT_COUNT; i++) {
    const struct format *format = &FORMATS[i % FORMAT_COUNT];
    if (is_in_share(first_seed + (uint64_t)i)) {
      one_case(&seed, format, random_between(&seed, 1, 5), 8448 / format->elements,
               random_between(&seed, 1, 70));
    }
  }
  /* More rows than are quantized at a time. */
  for (int32_t i = 0; i < FORMAT_COUNT; i++) {
    if (is_in_share(first_seed + 100 + (uint64_t)i)) {
      one_case(&seed, &FORMATS[i], 14, 45056 / FORMATS[i].elements, 3);
    }
  }
  if (octet_block_matmul_kernel(OCTET_ISA_BASELINE, 10) != -1 ||
      octet_block_weight_only_matmul_kernel(OCTET_ISA_BASELINE, 10) != -1) {
    check_fail("there is a kernel for format 10");
  }
  return check_result("products of float rows and weights in block formats");
}
