/* 8-bit products of every tier against the law, spelled out here from zero points and scales as users have
   them; the tables that a caller derives from those are part of what is tested. Operands lie between
   forbidden pages. */
#include "check.h"

#include <math.h>

struct matmul_case {
  int32_t tier;
  int32_t src_type, dst_type, weight_type, transposed;
  int32_t rows, k, n;
  /* What rows and weights have beyond their dense length. */
  int32_t src_gap, dst_gap, weight_gap;
  int32_t row_scales, row_zero_points, weight_zero_points, biased;
  /* Of all rows, as those of one tensor have them. */
  int32_t one_zero_point, one_scale;
  /* Only the ends of the types' ranges; multipliers that are not of this world. */
  int32_t extreme_data, extreme_scales;
  float low, high;
  /* Of packed weights, from a multiple of 64. */
  size_t packed_offset;
  uint64_t seed;
};

static void print_case(const struct matmul_case *c) {
  printf(
      "tier %s src %d dst %d weights %d%s rows %d k %d n %d gaps %d %d %d row scales %d (one %d) "
      "row zero points %d (one %d) weight zero points %d bias %d extreme %d %d bounds %g %g packed at %lu "
      "seed %llu: ",
      tier_name(c->tier), c->src_type, c->dst_type, c->weight_type, c->transposed ? " transposed" : "",
      c->rows, c->k, c->n, c->src_gap, c->dst_gap, c->weight_gap, c->row_scales, c->one_scale,
      c->row_zero_points, c->one_zero_point, c->weight_zero_points, c->biased, c->extreme_data,
      c->extreme_scales, (double)c->low, (double)c->high, (unsigned long)c->packed_offset,
      (unsigned long long)c->seed);
}

static int32_t lowest(int32_t type) {
  return type == OCTET_S8 ? -128 : 0;
}

static int32_t highest(int32_t type) {
  return type == OCTET_S8 ? 127 : 255;
}

static int32_t byte_value(int32_t type, uint8_t byte) {
  return type == OCTET_S8 ? (int8_t)byte : byte;
}

static int32_t random_value(uint64_t *state, int32_t type, int32_t extreme) {
  const uint64_t bits = random_bits(state);
  return extreme ? (bits & 1 ? highest(type) : lowest(type)) : byte_value(type, (uint8_t)(bits >> 8));
}

static float random_scale(uint64_t *state, int32_t extreme) {
  static const float extremes[] = {0.5f,  1.0f,     0.25f, 1e-45f, 1e-38f, 1e30f,
                                   3e38f, INFINITY, NAN,   0.0f,   -0.5f};
  if (extreme && random_bits(state) % 3 != 0) {
    return extremes[random_bits(state) % (sizeof extremes / sizeof extremes[0])];
  }
  return random_real(state, 0.5f, 1) / (float)(1 << random_between(state, 0, 18));
}

/* -0 is less than 0, and NaN is never lost. */
static float greater(float a, float b) {
  return isnan(a) || isnan(b) ? NAN : a > b || (a == b && !signbit(a)) ? a : b;
}

static float less(float a, float b) {
  return isnan(a) || isnan(b) ? NAN : a < b || (a == b && signbit(a)) ? a : b;
}

/* Half to even; of small numbers. */
static int32_t rounded(float t) {
  const int32_t down = (int32_t)((double)t + 1024) - 1024;
  const double rest = (double)t - down;
  return rest > 0.5 || (rest == 0.5 && down % 2 != 0) ? down + 1 : down;
}

static int32_t law_of_bytes(float t, float low, float high, int32_t zero_point) {
  const float clamped = less(greater(t, low), high);
  return isnan(clamped) ? (int32_t)low + zero_point : rounded(clamped) + zero_point;
}

struct operands {
  uint8_t *src, *weights;
  int32_t *zero_points, *weight_zero_points, *bias;
  float *scales, *multipliers, *float_bias;
};

/* The accumulator of the law. */
static int32_t accumulate(const struct matmul_case *c, const struct operands *o, int64_t src_stride,
                          int64_t weight_stride, int32_t row, int32_t column) {
  const uint8_t *src = o->src + row * src_stride;
  const uint8_t *weights = o->weights + (c->transposed ? column * weight_stride : column);
  const int64_t step = c->transposed ? 1 : weight_stride;
  int32_t za;
  memcpy(&za, (const char *)o->zero_points + (c->row_zero_points ? row * 4 : 0), 4);
  const int32_t zw = o->weight_zero_points[column];
  uint32_t sum = (uint32_t)o->bias[column];
  for (int32_t i = 0; i < c->k; i++) {
    sum += (uint32_t)((byte_value(c->src_type, src[i]) - za) *
                      (byte_value(c->weight_type, weights[i * step]) - zw));
  }
  return (int32_t)sum;
}

/* A table, at the end or at the start of its pages. */
static void *table(uint64_t *state, size_t bytes) {
  return random_bits(state) & 1 ? guarded_end(bytes) : guarded_start(bytes);
}

/* The epilogue over sums without tables has to write the bytes that the product wrote. Row tables and sums
   lie at odd addresses. */
static void check_epilogue(const struct matmul_case *c, const struct octet_matmul *product,
                           const struct operands *o, int64_t src_stride, int64_t dst_stride,
                           const uint8_t *dst, size_t dst_bytes, uint64_t *state) {
  struct octet_matmul plain = {.weights = product->weights,
                               .kernel = octet_matmul_kernel(c->tier, c->src_type, OCTET_S32),
                               .k = c->k,
                               .n = c->n};
  const int64_t sums_stride = c->n + random_between(state, 0, 20);
  const size_t rows = (size_t)c->rows;
  int32_t *sums = guarded_end(((size_t)sums_stride * (rows - 1) + (size_t)c->n) * 4);
  octet_matmul_run(&plain, o->src, src_stride, NULL, NULL, sums, sums_stride, c->rows, 0, c->n, NULL);
  int32_t *row_sums = (int32_t *)((char *)guarded_end(rows * 4 + 1));
  int32_t *zero_points = (int32_t *)((char *)guarded_end(rows * 4 + 3));
  for (size_t i = 0; i < rows; i++) {
    int32_t sum = 0;
    for (int32_t j = 0; j < c->k; j++) {
      sum +=
          byte_value(c->src_type, o->src[(int64_t)i * src_stride + j]) + (c->src_type == OCTET_S8 ? 128 : 0);
    }
    int32_t zero_point;
    memcpy(&zero_point, (char *)o->zero_points + i * 4, 4);
    zero_point += c->src_type == OCTET_S8 ? 128 : 0;
    memcpy((char *)row_sums + i * 4, &sum, 4);
    memcpy((char *)zero_points + i * 4, &zero_point, 4);
  }
  const struct octet_epilogue epilogue = {.offsets = product->offsets,
                                          .zero_point_factors = product->zero_point_factors,
                                          .weight_zero_points = product->weight_zero_points,
                                          .multipliers = product->multipliers,
                                          .bias = product->bias,
                                          .kernel = octet_epilogue_kernel(c->tier, c->dst_type),
                                          .zero_point = product->zero_point,
                                          .low = product->low,
                                          .high = product->high};
  uint8_t *again = table(state, dst_bytes);
  octet_epilogue_run(&epilogue, sums, sums_stride, c->row_scales ? o->scales : NULL,
                     c->row_zero_points ? zero_points : NULL, row_sums, again, dst_stride, c->rows, c->n);
  for (size_t i = 0; i < dst_bytes; i++) {
    if (again[i] != dst[i]) {
      print_case(c);
      check_fail("epilogue of sums: byte %lu: the product wrote %d, the epilogue %d", (unsigned long)i,
                 dst[i], again[i]);
      return;
    }
  }
}

static void run_case(const struct matmul_case *c) {
  if (!is_in_share(c->seed)) {
    return;
  }
  uint64_t state = c->seed;
  const int32_t bytes_out = c->dst_type == OCTET_S8 || c->dst_type == OCTET_U8;
  const size_t n = (size_t)c->n;
  const size_t rows = (size_t)c->rows;
  const int64_t src_stride = c->k + c->src_gap;
  const int64_t dst_stride = c->n + c->dst_gap;
  const int64_t weight_stride = (c->transposed ? c->k : c->n) + c->weight_gap;
  const size_t weight_bytes =
      (size_t)(weight_stride * ((c->transposed ? c->n : c->k) - 1) + (c->transposed ? c->k : c->n));
  const size_t src_bytes = (size_t)(src_stride * (c->rows - 1) + c->k);
  check_cases++;

  struct operands o;
  o.src = table(&state, src_bytes);
  o.weights = table(&state, weight_bytes);
  for (size_t i = 0; i < src_bytes; i++) {
    o.src[i] = (uint8_t)random_value(&state, c->src_type, c->extreme_data);
  }
  for (size_t i = 0; i < weight_bytes; i++) {
    o.weights[i] = (uint8_t)random_value(&state, c->weight_type, c->extreme_data);
  }
  /* An odd number of bytes before the page: row tables need no alignment. */
  o.scales = (float *)((char *)guarded_end(rows * 4 + 3));
  o.zero_points = (int32_t *)((char *)guarded_end(rows * 4 + 1));
  for (size_t i = 0; i < rows; i++) {
    float scale = random_scale(&state, c->extreme_scales);
    int32_t zero_point = random_value(&state, c->src_type, c->extreme_data);
    if (c->one_zero_point && i > 0) {
      memcpy(&zero_point, o.zero_points, 4);
    }
    if (c->one_scale && i > 0) {
      memcpy(&scale, o.scales, 4);
    }
    memcpy((char *)o.scales + i * 4, &scale, 4);
    memcpy((char *)o.zero_points + i * 4, &zero_point, 4);
  }
  o.bias = table(&state, n * 4);
  o.weight_zero_points = table(&state, n * 4);
  o.multipliers = table(&state, n * 4);
  o.float_bias = table(&state, n * 4);
  int32_t *offsets = table(&state, n * 4);
  int32_t *factors = table(&state, n * 4);
  int32_t *stored_zero_points = table(&state, n * 4);
  int32_t *sums = table(&state, n * 4);
  const int32_t layout = octet_matmul_layout(c->tier);
  const int64_t packed_bytes = octet_matmul_packed_bytes(layout, c->k, c->n);
  int8_t *packed = guarded_offset((size_t)packed_bytes, c->packed_offset);

  /* Packed by two threads, one might say. */
  const int32_t cut = c->n <= 64 ? c->n : random_between(&state, 0, c->n / 64) * 64;
  octet_matmul_pack(layout, o.weights, c->weight_type, c->transposed, weight_stride, c->k, 0, cut, packed,
                    sums);
  octet_matmul_pack(layout, o.weights, c->weight_type, c->transposed, weight_stride, c->k, cut, c->n - cut,
                    packed, sums);

  int32_t za0;
  memcpy(&za0, o.zero_points, 4);
  const int32_t shift = c->src_type == OCTET_S8 ? 128 : 0;
  for (int32_t j = 0; j < c->n; j++) {
    int32_t sum = 0;
    for (int32_t i = 0; i < c->k; i++) {
      const int64_t at = c->transposed ? j * weight_stride + i : i * weight_stride + j;
      sum += byte_value(c->weight_type, o.weights[at]) - (c->weight_type == OCTET_U8 ? 128 : 0);
    }
    if (sums[j] != sum) {
      print_case(c);
      check_fail("sum of column %d: expected %d, got %d", j, sum, sums[j]);
      return;
    }
    o.weight_zero_points[j] = c->weight_zero_points ? random_value(&state, c->weight_type, c->extreme_data)
                              : c->weight_type == OCTET_U8 ? 128
                                                           : 0;
    stored_zero_points[j] = o.weight_zero_points[j] - (c->weight_type == OCTET_U8 ? 128 : 0);
    o.bias[j] = c->biased ? (int32_t)random_bits(&state) >> random_between(&state, 0, 31) : 0;
    factors[j] = (int32_t)((uint32_t)sum - (uint32_t)c->k * (uint32_t)stored_zero_points[j]);
    offsets[j] = (int32_t)((uint32_t)o.bias[j] -
                           (c->row_zero_points ? 0 : (uint32_t)(za0 + shift) * (uint32_t)factors[j]));
    o.multipliers[j] = random_scale(&state, c->extreme_scales);
    o.float_bias[j] = random_real(&state, -10, 10);
  }
  int offsets_zero = 1;
  for (int32_t j = 0; j < c->n; j++) {
    offsets_zero &= offsets[j] == 0;
  }

  struct octet_matmul product = {.weights = packed,
                                 .offsets = offsets_zero ? NULL : offsets,
                                 .zero_point_factors = c->row_zero_points ? factors : NULL,
                                 .weight_zero_points = c->weight_zero_points ? stored_zero_points : NULL,
                                 .multipliers = c->dst_type == OCTET_S32 ? NULL : o.multipliers,
                                 .bias = c->dst_type == OCTET_F32 && c->biased ? o.float_bias : NULL,
                                 .kernel = octet_matmul_kernel(c->tier, c->src_type, c->dst_type),
                                 .k = c->k,
                                 .n = c->n,
                                 .low = c->low,
                                 .high = c->high};
  if (bytes_out) {
    const int32_t type_low = lowest(c->dst_type);
    product.zero_point = random_value(&state, c->dst_type, c->extreme_data);
    const int32_t from = random_between(&state, type_low, type_low + 255);
    const int32_t to = random_between(&state, from, type_low + 255);
    const int32_t narrow = random_bits(&state) % 2 == 0;
    product.low = (float)((narrow ? from : type_low) - product.zero_point);
    product.high = (float)((narrow ? to : type_low + 255) - product.zero_point);
  }
  if (product.kernel < 0) {
    print_case(c);
    check_fail("no kernel");
    return;
  }

  const size_t element = bytes_out ? 1 : 4;
  const size_t dst_bytes = (size_t)(dst_stride * (c->rows - 1) + c->n) * element;
  uint8_t *dst = table(&state, dst_bytes);
  const int64_t scratch_bytes = octet_matmul_scratch_bytes(&product, c->rows);
  void *scratch = scratch_bytes == 0 ? NULL : guarded_end((size_t)scratch_bytes);
  const int32_t run_cut = c->n <= 64 ? c->n : random_between(&state, 0, c->n / 64) * 64;
  for (int32_t part = 0; part < 2; part++) {
    const int32_t first = part == 0 ? 0 : run_cut;
    const int32_t columns = part == 0 ? run_cut : c->n - run_cut;
    if (columns > 0) {
      octet_matmul_run(&product, o.src, src_stride, c->row_scales ? o.scales : NULL,
                       c->row_zero_points ? o.zero_points : NULL, dst, dst_stride, c->rows, first, columns,
                       scratch);
    }
  }

  for (int32_t row = 0; row < c->rows; row++) {
    for (int64_t column = 0; column < dst_stride; column++) {
      const size_t at = (size_t)(row * dst_stride + column) * element;
      if (column >= c->n) {
        if (at < dst_bytes && dst[at] != 0xa5) {
          print_case(c);
          check_fail("row %d column %d is beyond N and was written", row, (int32_t)column);
          return;
        }
        continue;
      }
      const int32_t acc = accumulate(c, &o, src_stride, weight_stride, row, (int32_t)column);
      float scale = 1;
      memcpy(&scale, (char *)o.scales + row * 4, 4);
      float multiplier = o.multipliers[column];
      if (c->row_scales) {
        multiplier = scale * multiplier;
      }
      const float t = (float)acc * multiplier;
      int same;
      double expected;
      double got;
      if (c->dst_type == OCTET_S32) {
        int32_t value;
        memcpy(&value, dst + at, 4);
        same = value == acc;
        expected = acc;
        got = value;
      } else if (c->dst_type == OCTET_F32) {
        float value;
        memcpy(&value, dst + at, 4);
        const float biased = c->biased ? t + o.float_bias[column] : t;
        const float law = less(greater(biased, c->low), c->high);
        same = isnan(law) ? isnan(value) : memcmp(&law, &value, 4) == 0;
        expected = (double)law;
        got = (double)value;
      } else {
        const int32_t law = law_of_bytes(t, product.low, product.high, product.zero_point);
        same = dst[at] == (uint8_t)law;
        expected = law;
        got = byte_value(c->dst_type, dst[at]);
      }
      if (!same) {
        print_case(c);
        check_fail("row %d column %d accumulator %d multiplier %g zero point %d: expected %g, got %g", row,
                   (int32_t)column, acc, (double)multiplier, product.zero_point, expected, got);
        return;
      }
    }
  }
  check_epilogue(c, &product, &o, src_stride, dst_stride, dst, dst_bytes, &state);
}

/* Sizes at which something changes: tiles, panels, vectors, fours. */
static int32_t random_size(uint64_t *state) {
  static const int32_t edges[] = {1,  2,  3,  4,  5,  6,  7,  12,  13,  15, 16,
                                  17, 31, 32, 33, 63, 64, 65, 127, 128, 129};
  switch (random_bits(state) % 4) {
    case 0:
      return random_between(state, 1, 300);
    case 1:
      return random_between(state, 1, 40);
    default:
      return edges[random_bits(state) % (sizeof edges / sizeof edges[0])];
  }
}

/* What foreign allocators give: a JVM's aligns to 8, an array's elements lie behind a header. */
static const size_t OFFSETS[] = {0, 1, 4, 16, 32};
enum { OFFSET_COUNT = sizeof OFFSETS / sizeof OFFSETS[0] };

static struct matmul_case random_case(uint64_t seed, int32_t tier) {
  static const int32_t outputs[] = {OCTET_S32, OCTET_F32, OCTET_U8, OCTET_S8};
  static const float bounds[][2] = {{-INFINITY, INFINITY}, {0, INFINITY}, {0, 6}, {-1, 1}, {-0.0f, 3},
                                    {-3, -0.0f},           {-INFINITY, 5}};
  uint64_t state = seed;
  const size_t bound = random_bits(&state) % (sizeof bounds / sizeof bounds[0]);
  struct matmul_case c = {.tier = tier,
                          .src_type = random_bits(&state) & 1 ? OCTET_S8 : OCTET_U8,
                          .dst_type = outputs[random_bits(&state) % 4],
                          .weight_type = random_bits(&state) & 1 ? OCTET_S8 : OCTET_U8,
                          .transposed = random_bits(&state) & 1,
                          .rows = random_size(&state),
                          .k = random_size(&state),
                          .n = random_size(&state),
                          .row_zero_points = random_bits(&state) % 4 == 0,
                          .weight_zero_points = random_bits(&state) % 4 == 0,
                          .one_zero_point = random_bits(&state) & 1,
                          .one_scale = random_bits(&state) & 1,
                          .biased = random_bits(&state) & 1,
                          .extreme_data = random_bits(&state) % 3 == 0,
                          .extreme_scales = random_bits(&state) % 4 == 0,
                          .low = bounds[bound][0],
                          .high = bounds[bound][1],
                          .packed_offset = OFFSETS[random_bits(&state) % OFFSET_COUNT],
                          .seed = seed};
  c.row_scales = random_bits(&state) % 4 == 0;
  if (random_bits(&state) & 1) {
    c.src_gap = random_between(&state, 0, 70);
    c.dst_gap = random_between(&state, 0, 70);
    c.weight_gap = random_between(&state, 0, 70);
  }
  return c;
}

static void random_cases(int32_t tier, uint64_t seed) {
  for (uint64_t i = 0; i < 400; i++) {
    const struct matmul_case c = random_case(seed + i, tier);
    run_case(&c);
    guarded_free();
  }
}

/* Every number of rows and columns of a tile, with whole and incomplete fours. */
static void tiles(int32_t tier, uint64_t seed) {
  for (int32_t rows = 1; rows <= 13; rows++) {
    for (int32_t n = 1; n <= 64; n += n < 4 ? 1 : 5) {
      struct matmul_case c = random_case(seed++, tier);
      c.rows = rows;
      c.n = n;
      c.k = random_between(&seed, 1, 40);
      run_case(&c);
      guarded_free();
    }
  }
}

/* Bytes of products whose weights stay in registers: K of up to some fours, and rows and columns around what
   they take. */
static void short_sums(int32_t tier, uint64_t seed) {
  for (int32_t i = 0; i < 200; i++) {
    struct matmul_case c = random_case(seed + (uint64_t)i, tier);
    c.dst_type = i % 8 == 0 ? c.dst_type : c.src_type;
    c.row_scales = c.row_zero_points = c.weight_zero_points = 0;
    c.weight_type = OCTET_S8;
    c.k = i % 3 == 0 ? random_between(&seed, 3, 20) : random_between(&seed, 1, 5) * 4;
    c.rows = random_between(&seed, 9, 40);
    c.n = random_between(&seed, 14, 140);
    run_case(&c);
    guarded_free();
  }
}

/* Products of whole tensors to every type: rows with one zero point, and floats without bounds. */
static void whole_tensors(int32_t tier, uint64_t seed) {
  for (int32_t i = 0; i < 200; i++) {
    struct matmul_case c = random_case(seed + (uint64_t)i, tier);
    c.dst_type = i % 4 == 0 ? c.dst_type : OCTET_F32;
    c.row_zero_points = i % 3 != 0;
    c.one_zero_point = i % 9 != 1;
    c.row_scales = i % 2 == 0;
    c.one_scale = i % 7 != 1;
    c.weight_zero_points = i % 16 == 3;
    c.low = i % 4 == 1 ? c.low : -INFINITY;
    c.high = i % 4 == 1 ? c.high : INFINITY;
    c.k = i % 50 == 14 ? 6145 + i % 7 : random_between(&seed, 1, 70);
    c.rows = random_between(&seed, 1, 30);
    c.n = random_between(&seed, 40, 200);
    run_case(&c);
    guarded_free();
  }
}

/* Sums that are cut into blocks, and rows that come in several passes. */
static void long_cases(int32_t tier, uint64_t seed) {
  static const int32_t sizes[][3] = {{1, 5000, 65},  {7, 6144, 20}, {5, 6145, 70}, {3, 8192, 16},
                                     {61, 8195, 17}, {2, 12289, 5}, {70, 9000, 3}, {130, 6148, 2},
                                     {500, 33, 130}, {1000, 5, 7}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    struct matmul_case c = random_case(seed++, tier);
    c.rows = sizes[i][0];
    c.k = sizes[i][1];
    c.n = sizes[i][2];
    run_case(&c);
    guarded_free();
  }
}

/* Every kernel with packed weights at every offset; packed past the caches as well, which aligned ones of
   more than 512 KB are. */
static void offsets(int32_t tier, uint64_t seed) {
  static const int32_t outputs[] = {OCTET_S32, OCTET_F32, OCTET_U8, OCTET_S8};
  for (int32_t i = 0; i < OFFSET_COUNT * 32; i++) {
    struct matmul_case c = random_case(seed + (uint64_t)i, tier);
    c.packed_offset = OFFSETS[i / 32];
    c.dst_type = outputs[i % 4];
    c.row_scales &= c.dst_type != OCTET_S32;
    c.src_type = i / 4 % 2 ? OCTET_S8 : OCTET_U8;
    c.transposed = i / 8 % 2;
    c.rows = i / 16 % 2 ? random_between(&seed, 2, 9) : 1;
    c.k = i % 32 == 6 ? 6000 : random_between(&seed, 1, 90);
    c.n = i % 32 == 6 ? 200 : random_between(&seed, 1, 150);
    run_case(&c);
    guarded_free();
  }
}

/* 255 * 127 * 140,000 is more than 32 bits hold: the sum wraps. */
static void wrap(int32_t tier, uint64_t seed) {
  struct matmul_case c = random_case(seed, tier);
  c.rows = 2;
  c.k = 140000;
  c.n = 3;
  c.extreme_data = 1;
  run_case(&c);
  guarded_free();
}

static void no_kernel(void) {
  check_cases++;
  if (octet_matmul_kernel(LAST_TIER + 1, OCTET_U8, OCTET_S8) != -1 ||
      octet_matmul_kernel(-1, OCTET_U8, OCTET_S8) != -1 ||
      octet_matmul_kernel(0, OCTET_F32, OCTET_S8) != -1 || octet_matmul_kernel(0, OCTET_U8, OCTET_U4) != -1) {
    check_fail("a kernel for what there is none");
  }
}

/* matmul_test [seed]: more seeds than the one of every run. */
int main(int count, char **arguments) {
  const uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 20261126;
  printf("seed %llu\n", (unsigned long long)seed);
  no_kernel();
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (!tier_runs_here(tier)) {
      printf("tier %s does not run here\n", tier_name(tier));
      continue;
    }
    random_cases(tier, seed);
    tiles(tier, seed + 1000);
    short_sums(tier, seed + 5000);
    whole_tensors(tier, seed + 6000);
    long_cases(tier, seed + 2000);
    wrap(tier, seed + 3000);
    offsets(tier, seed + 4000);
  }
  return check_result("matmul");
}
