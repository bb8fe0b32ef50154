/* Quantize, dequantize and dynamic quantize of every tier against the law, spelled out here element by
   element: all types and granularities, any part of a tensor, operands that end or begin at a forbidden page;
   and the proof that quotients by a reciprocal are those of a division. `quantize_test all` goes through
   every scale. */
#include "check.h"

static const uint64_t SEED = UINT64_C(20261126);
static uint64_t state;

static const char *const TYPES[] = {"u8", "s8", "u4", "s4"};
static const int32_t LOW[] = {0, -128, 0, -8};
static const int32_t HIGH[] = {255, 127, 15, 7};

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

static float load(const char *from, int64_t index) {
  float x;
  memcpy(&x, from + 4 * index, 4);
  return x;
}

/* Half to even; beyond 2^23 all floats are integers. */
static double half_even(double x) {
  return x > -0x1p30 && x < 0x1p30 ? (x + 0x1.8p52) - 0x1.8p52 : x;
}

static int32_t law_quantize(float x, float scale, int32_t zero_point, int32_t low, int32_t high) {
  const float quotient = x / scale;
  if (quotient != quotient) {
    return low;
  }
  const double q = half_even((double)quotient) + zero_point;
  return q <= low ? low : q >= high ? high : (int32_t)q;
}

static int32_t load_element(const char *from, int32_t type, int64_t index) {
  switch (type) {
    case OCTET_U8:
      return (uint8_t)from[index];
    case OCTET_S8:
      return (int8_t)from[index];
    default: {
      const int nibble = (uint8_t)from[index / 2] >> (index % 2 * 4) & 15;
      return type == OCTET_S4 && nibble >= 8 ? nibble - 16 : nibble;
    }
  }
}

static size_t bytes_of(int32_t type, int64_t count) {
  return (size_t)(type == OCTET_U4 || type == OCTET_S4 ? (count + 1) / 2 : count);
}

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static float special(void) {
  static const uint32_t BITS[] = {0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345, 0x7f7fffff,
                                  0xff7fffff, 0x00000001, 0x80000001, 0x00800000, 0x80000000,
                                  0,          0x4f000000, 0xcf000000, 0x5f000000};
  return float_of(BITS[random_between(&state, 0, (int32_t)(sizeof BITS / sizeof *BITS) - 1)]);
}

static float any_scale(int extreme) {
  const int32_t reach = extreme ? 126 : 20;
  const int32_t exponent = random_between(&state, 127 - reach, 127 + reach);
  const uint32_t fraction = random_between(&state, 0, 3) == 0 ? 0 : (uint32_t)random_bits(&state) & 0x7fffff;
  return float_of((uint32_t)exponent << 23 | fraction);
}

struct tensor {
  struct octet_quantize plan;
  int64_t outer;
  int64_t axis;
  int64_t inner;
  int64_t count;
  int32_t tier;
};

static int64_t parameter_of(const struct tensor *t, int64_t element) {
  const int64_t on_axis = element / t->inner % t->axis;
  switch (t->plan.granularity) {
    case OCTET_PER_TENSOR:
      return 0;
    case OCTET_PER_CHANNEL:
      return on_axis;
    default: {
      const int64_t groups = (t->axis + t->plan.group_size - 1) / t->plan.group_size;
      const int64_t outer = element / t->inner / t->axis;
      return (outer * groups + on_axis / t->plan.group_size) * t->inner + element % t->inner;
    }
  }
}

static struct tensor random_tensor(void) {
  struct tensor t;
  memset(&t, 0, sizeof t);
  t.plan.type = random_between(&state, OCTET_U8, OCTET_S4);
  t.plan.granularity = random_between(&state, OCTET_PER_TENSOR, OCTET_PER_GROUP);
  t.outer = random_between(&state, 1, 4);
  t.axis = random_between(&state, 1, random_between(&state, 0, 1) ? 300 : 9);
  t.inner = random_between(&state, 0, 1) ? 1 : random_between(&state, 1, 150);
  t.count = t.outer * t.axis * t.inner;
  t.plan.group_size = random_between(&state, 1, (int32_t)t.axis + 3);
  const int repeat = t.plan.granularity == OCTET_PER_CHANNEL ? random_between(&state, 1, 3) : 1;
  int64_t parameters = 1;
  if (t.plan.granularity == OCTET_PER_CHANNEL) {
    parameters = t.axis;
  } else if (t.plan.granularity == OCTET_PER_GROUP) {
    parameters = t.outer * ((t.axis + t.plan.group_size - 1) / t.plan.group_size) * t.inner;
  }
  t.plan.period = parameters * repeat;
  float *scales = guarded_end(4 * (size_t)t.plan.period);
  float *reciprocals = guarded_end(4 * (size_t)t.plan.period);
  int32_t *zero_points = guarded_end(4 * (size_t)t.plan.period);
  const int extreme = random_between(&state, 0, 9) == 0;
  for (int64_t i = 0; i < t.plan.period; i++) {
    scales[i] = i < parameters ? any_scale(extreme) : scales[i - parameters];
    zero_points[i] = i < parameters ? random_between(&state, LOW[t.plan.type], HIGH[t.plan.type])
                                    : zero_points[i - parameters];
  }
  const int32_t usable = octet_quantize_reciprocals(scales, t.plan.period, reciprocals);
  t.plan.scales = scales;
  t.plan.reciprocals = usable && random_between(&state, 0, 9) != 0 ? reciprocals : NULL;
  t.plan.zero_points = zero_points;
  return t;
}

/* A part of the tensor that begins with a whole byte. */
static int64_t random_first(const struct tensor *t) {
  return random_between(&state, 0, 1) ? 0 : random_between(&state, 0, (int32_t)t->count - 1) / 2 * 2;
}

static void fail(const char *what, const struct tensor *t, int64_t first, int64_t element, const char *input,
                 const char *results) {
  const int64_t p = parameter_of(t, element);
  check_fail(
      "%s %s, granularity %d, %lld x %lld x %lld, group %lld, period %lld, from %lld: element %lld: %s, "
      "scale %a, "
      "zero point %d, reciprocals %d: %s",
      what, TYPES[t->plan.type], t->plan.granularity, (long long)t->outer, (long long)t->axis,
      (long long)t->inner, (long long)t->plan.group_size, (long long)t->plan.period, (long long)first,
      (long long)element, input, (double)t->plan.scales[p], t->plan.zero_points[p],
      t->plan.reciprocals != NULL, results);
}

static void quantize(const struct tensor *t, const char *src, int64_t first, int64_t count, int32_t tier) {
  struct octet_quantize plan = t->plan;
  plan.kernel = octet_quantize_kernel(tier, plan.type, 0);
  plan.element_kernel = octet_quantize_kernel(tier, plan.type, 1);
  char *dst = guarded(bytes_of(plan.type, count));
  octet_quantize_run(&plan, src, dst, t->axis, t->inner, first, count);
  for (int64_t i = 0; i < count; i++) {
    const int64_t p = parameter_of(t, first + i);
    const float x = load(src, i);
    const int32_t expected =
        law_quantize(x, plan.scales[p], plan.zero_points[p], LOW[plan.type], HIGH[plan.type]);
    const int32_t got = load_element(dst, plan.type, i);
    if (got != expected) {
      char input[64];
      char results[64];
      snprintf(input, sizeof input, "x %a", (double)x);
      snprintf(results, sizeof results, "expected %d, got %d", expected, got);
      fail(octet_kernel_name(plan.kernel), t, first, first + i, input, results);
      return;
    }
  }
  if (plan.type >= OCTET_U4 && count % 2 == 1 && load_element(dst, plan.type, count) != 0) {
    fail(octet_kernel_name(plan.kernel), t, first, first, "", "the unused half of the last byte is not 0");
  }
}

static void dequantize(const struct tensor *t, const char *src, int64_t first, int64_t count, int32_t tier) {
  struct octet_quantize plan = t->plan;
  plan.kernel = octet_dequantize_kernel(tier, plan.type, 0);
  plan.element_kernel = octet_dequantize_kernel(tier, plan.type, 1);
  char *dst = guarded(4 * (size_t)count);
  octet_dequantize_run(&plan, src, dst, t->axis, t->inner, first, count);
  for (int64_t i = 0; i < count; i++) {
    const int64_t p = parameter_of(t, first + i);
    const int32_t q = load_element(src, plan.type, i);
    const float expected = (float)(q - plan.zero_points[p]) * plan.scales[p];
    if (bits_of(load(dst, i)) != bits_of(expected)) {
      char input[64];
      char results[96];
      snprintf(input, sizeof input, "q %d", q);
      snprintf(results, sizeof results, "expected %a, got %a", (double)expected, (double)load(dst, i));
      fail(octet_kernel_name(plan.kernel), t, first, first + i, input, results);
      return;
    }
  }
}

/* Within and somewhat beyond the range of the integers, many exactly between two. */
static void fill_reals(const struct tensor *t, char *src, int64_t first, int64_t count) {
  const int specials = random_between(&state, 0, 3) == 0;
  const int32_t reach = (HIGH[t->plan.type] - LOW[t->plan.type]) * 5 / 4;
  for (int64_t i = 0; i < count; i++) {
    const float scale = t->plan.scales[parameter_of(t, first + i)];
    const float steps = random_between(&state, 0, 1)
                            ? (float)random_between(&state, -2 * reach, 2 * reach) * 0.5f
                            : random_real(&state, (float)-reach, (float)reach);
    const float x = specials && random_between(&state, 0, 7) == 0 ? special() : steps * scale;
    memcpy(src + 4 * i, &x, 4);
  }
}

static void conversions(void) {
  for (int round = 0; round < share_of(1500); round++) {
    const struct tensor t = random_tensor();
    const int64_t first = random_first(&t);
    const int64_t count = random_between(&state, 0, 1)
                              ? t.count - first
                              : random_between(&state, 0, (int32_t)(t.count - first));
    char *reals = guarded(4 * (size_t)count);
    fill_reals(&t, reals, first, count);
    char *integers = guarded(bytes_of(t.plan.type, count));
    random_bytes(&state, integers, bytes_of(t.plan.type, count));
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        quantize(&t, reals, first, count, tier);
        dequantize(&t, integers, first, count, tier);
      }
    }
    guarded_free();
  }
}

/* The law of dynamic quantize: NaN stays in the range, an empty range has scale 1. */
static void law_range(const char *src, int64_t count, float *scale, int32_t *zero_point) {
  float least = 0;
  float greatest = 0;
  for (int64_t i = 0; i < count; i++) {
    const float x = load(src, i);
    least = x != x || least != least ? x + least : x < least ? x : least;
    greatest = x != x || greatest != greatest ? x + greatest : x > greatest ? x : greatest;
  }
  *scale = (greatest - least) / 255;
  if (*scale == 0) {
    *scale = 1;
  }
  const float t = 0 - least / *scale;
  *zero_point = t != t || t <= 0 ? 0 : t >= 255 ? 255 : (int32_t)half_even((double)t);
}

static void fill_rows(char *src, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; row++) {
    const int32_t kind = random_between(&state, 0, 15);
    const float size = kind == 0 ? 0x1p127f : kind == 1 ? 0x1p-140f : any_scale(0);
    const int32_t sign = random_between(&state, 0, 3);
    for (int64_t i = 0; i < columns; i++) {
      float x = random_real(&state, sign == 0 ? 0 : -1.9f, sign == 1 ? 0 : 1.9f) * size;
      if (kind == 2) {
        x = 0;
      } else if (kind == 3 && random_between(&state, 0, (int32_t)columns) == 0) {
        x = special();
      }
      memcpy(src + 4 * (row * columns + i), &x, 4);
    }
  }
}

static void dynamic_rows(const char *src, int64_t rows, int64_t columns, int32_t tier) {
  const int32_t kernel = octet_quantize_kernel(tier, OCTET_U8, 0);
  char *dst = guarded((size_t)(rows * columns));
  char *scales = guarded(4 * (size_t)rows);
  char *zero_points = guarded(4 * (size_t)rows);
  octet_dynamic_quantize_run(octet_range_kernel(tier), kernel, src, dst, scales, zero_points, rows, columns);
  for (int64_t row = 0; row < rows; row++) {
    float scale;
    int32_t zero_point;
    int32_t got;
    law_range(src + 4 * row * columns, columns, &scale, &zero_point);
    memcpy(&got, zero_points + 4 * row, 4);
    const float got_scale = load(scales, row);
    if ((got_scale != scale && (got_scale == got_scale || scale == scale)) || got != zero_point) {
      check_fail("dynamic quantize %s, %lld columns: expected scale %a zero point %d, got %a and %d",
                 tier_name(tier), (long long)columns, (double)scale, zero_point, (double)got_scale, got);
      return;
    }
    for (int64_t i = row * columns; i < (row + 1) * columns; i++) {
      const int32_t expected = law_quantize(load(src, i), scale, zero_point, 0, 255);
      if ((uint8_t)dst[i] != expected) {
        check_fail("dynamic quantize %s, %lld columns: x %a, scale %a zero point %d: expected %d, got %d",
                   tier_name(tier), (long long)columns, (double)load(src, i), (double)scale, zero_point,
                   expected, (uint8_t)dst[i]);
        return;
      }
    }
  }
}

static void dynamic(void) {
  for (int round = 0; round < share_of(1500); round++) {
    const int64_t rows = random_between(&state, 0, 4);
    const int64_t columns = random_between(&state, 0, 300);
    char *src = guarded(4 * (size_t)(rows * columns));
    fill_rows(src, rows, columns);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        dynamic_rows(src, rows, columns, tier);
      }
    }
    guarded_free();
  }
}

/* ONNX's own example. By a reciprocal alone the second-last but one would be 25. */
static void known_answer(void) {
  static const float X[] = {0, 2, -3, -2.5f, 1.34f, 0.5f};
  static const uint8_t Y[] = {153, 255, 0, 26, 221, 179};
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (tier_runs_here(tier)) {
      check_cases++;
      uint8_t y[6];
      float scale;
      int32_t zero_point;
      octet_dynamic_quantize_run(octet_range_kernel(tier), octet_quantize_kernel(tier, OCTET_U8, 0), X, y,
                                 &scale, &zero_point, 1, 6);
      if (memcmp(y, Y, 6) != 0 || scale != 5.0f / 255 || zero_point != 153) {
        check_fail("%s: the example of ONNX: scale %a, zero point %d, %d %d %d %d %d %d", tier_name(tier),
                   (double)scale, zero_point, y[0], y[1], y[2], y[3], y[4], y[5]);
      }
    }
  }
}

/* Every x near a tie. Farther away a quotient that is wrong by less than two units in the last place rounds
   to the same integer. Ties of one sign, the other is its mirror image; scales from 1 to 2, others differ by
   a power of 2. */
enum { TIES = 255, AROUND = 4, NEAR = TIES * (2 * AROUND + 1) };

static void quotients(uint32_t fraction, int32_t tier) {
  static float x[NEAR];
  static uint8_t by_division[NEAR];
  static uint8_t by_reciprocal[NEAR];
  static const int32_t ZERO = 0;
  const float scale = float_of(UINT32_C(0x3f800000) | fraction);
  float reciprocal;
  octet_quantize_reciprocals(&scale, 1, &reciprocal);
  for (int i = 0; i < TIES; i++) {
    const uint32_t tie = bits_of(((float)i + 0.5f) * scale) - AROUND;
    for (uint32_t j = 0; j <= 2 * AROUND; j++) {
      x[i * (2 * AROUND + 1) + (int)j] = float_of(tie + j);
    }
  }
  struct octet_quantize plan = {&scale, NULL, &ZERO, 0, 1, OCTET_PER_TENSOR, OCTET_U8, 0, 0};
  plan.kernel = octet_quantize_kernel(tier, OCTET_U8, 0);
  octet_quantize_run(&plan, x, by_division, NEAR, 1, 0, NEAR);
  plan.reciprocals = &reciprocal;
  octet_quantize_run(&plan, x, by_reciprocal, NEAR, 1, 0, NEAR);
  check_cases++;
  if (memcmp(by_division, by_reciprocal, NEAR) != 0) {
    check_fail("%s: quotients by a reciprocal of scale %a differ", tier_name(tier), (double)scale);
  }
}

static void reciprocals(int all) {
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (tier != OCTET_ISA_AVX2 && tier != OCTET_ISA_AVX512VNNI) {
      continue;
    }
    if (!tier_runs_here(tier)) {
      continue;
    }
    if (all) {
      for (uint32_t fraction = 0; fraction < UINT32_C(1) << 23; fraction++) {
        quotients(fraction, tier);
      }
    } else {
      for (int i = 0; i < share_of(20000); i++) {
        quotients((uint32_t)random_bits(&state) & 0x7fffff, tier);
      }
    }
  }
}

int main(int argc, char **argv) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  known_answer();
  conversions();
  dynamic();
  reciprocals(argc > 1 && strcmp(argv[1], "all") == 0);
  return check_result("quantize");
}
