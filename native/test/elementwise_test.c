/* Requantize, add and lookup of every tier against the law, spelled out here element by element, on operands
   that end or begin at a forbidden page. */
#include <math.h>

#include "check.h"

static const uint64_t SEED = UINT64_C(20261127);
static uint64_t state;

static const int32_t LOW[] = {0, -128};
static const int32_t HIGH[] = {255, 127};

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

/* Clamp, round half to even, add; NaN gives low. */
static int32_t law_round(float t, int32_t zero_point, int32_t low, int32_t high) {
  if (t != t || t <= (float)(low - zero_point)) {
    return low;
  }
  if (t >= (float)(high - zero_point)) {
    return high;
  }
  return (int32_t)rintf(t) + zero_point;
}

static int32_t element(const uint8_t *from, int32_t type, int64_t index) {
  return type == OCTET_U8 ? from[index] : (int8_t)from[index];
}

static void random_bounds(int32_t type, int32_t *low, int32_t *high) {
  const int32_t a = random_between(&state, LOW[type], HIGH[type]);
  const int32_t b = random_between(&state, LOW[type], HIGH[type]);
  const int all = random_between(&state, 0, 1);
  *low = all ? LOW[type] : a < b ? a : b;
  *high = all ? HIGH[type] : a < b ? b : a;
}

static float any_factor(void) {
  switch (random_between(&state, 0, 9)) {
    case 0:
      return float_of((uint32_t)random_bits(&state) & 0x7fffffff); /* infinity and NaN too */
    case 1:
      return 0.5f;
    case 2:
      return 1.5f;
    default:
      return random_real(&state, 0.01f, 3);
  }
}

static void requantize_on(int32_t tier, struct octet_requantize plan, int32_t type, int64_t channels,
                          const char *src, int64_t first, int64_t count) {
  plan.kernel = octet_requantize_kernel(tier, type, plan.period > 1);
  uint8_t *dst = guarded((size_t)count);
  octet_requantize_run(&plan, src, dst, first, count);
  const int32_t low = (int32_t)plan.low + plan.zero_point;
  const int32_t high = (int32_t)plan.high + plan.zero_point;
  for (int64_t i = 0; i < count; i++) {
    const int64_t channel = (first + i) % channels;
    uint32_t sum;
    memcpy(&sum, src + 4 * i, 4);
    sum += (uint32_t)plan.bias[channel];
    const float t = (float)(int32_t)sum * plan.multipliers[channel];
    const int32_t expected = law_round(t, plan.zero_point, low, high);
    if (element(dst, type, i) != expected) {
      check_fail(
          "%s, %lld of %lld channels, period %lld: sum %d by %a, zero point %d, %d to %d: expected %d, got "
          "%d",
          octet_kernel_name(plan.kernel), (long long)count, (long long)channels, (long long)plan.period,
          (int32_t)sum, (double)plan.multipliers[channel], plan.zero_point, low, high, expected,
          element(dst, type, i));
      return;
    }
  }
}

static void requantize(void) {
  for (int round = 0; round < 2000; round++) {
    const int32_t type = random_between(&state, OCTET_U8, OCTET_S8);
    const int64_t channels = random_between(&state, 0, 2) == 0 ? 1 : random_between(&state, 1, 200);
    const int64_t period = channels * random_between(&state, 1, 3);
    const int64_t first = random_between(&state, 0, 300);
    const int64_t count = random_between(&state, 0, 700);
    int32_t low;
    int32_t high;
    random_bounds(type, &low, &high);
    float *multipliers = guarded_end(4 * (size_t)period);
    int32_t *bias = guarded_end(4 * (size_t)period);
    const float size = random_between(&state, 0, 1) ? 1 : 0x1p-24f;
    for (int64_t i = 0; i < period; i++) {
      multipliers[i] = i < channels ? any_factor() * size : multipliers[i - channels];
      bias[i] = i < channels ? random_between(&state, -300, 300) : bias[i - channels];
    }
    struct octet_requantize plan = {
        multipliers, bias, period, 0, random_between(&state, LOW[type], HIGH[type]), 0, 0};
    plan.low = (float)(low - plan.zero_point);
    plan.high = (float)(high - plan.zero_point);
    char *src = guarded(4 * (size_t)count);
    for (int64_t i = 0; i < count; i++) {
      const int32_t x = size == 1 ? random_between(&state, -600, 600) : (int32_t)random_bits(&state);
      memcpy(src + 4 * i, &x, 4);
    }
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= OCTET_ISA_AVX512VNNI; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        requantize_on(tier, plan, type, channels, src, first, count);
      }
    }
    guarded_free();
  }
}

static void add_on(int32_t tier, struct octet_add plan, int32_t type, const uint8_t *left,
                   const uint8_t *right, int64_t count) {
  plan.kernel = octet_add_kernel(tier, type);
  uint8_t *dst = guarded((size_t)count);
  const int32_t place = random_between(&state, 0, 2);
  const uint8_t *a = left;
  const uint8_t *b = right;
  if (place == 1) {
    memcpy(dst, left, (size_t)count);
    a = dst;
  } else if (place == 2) {
    memcpy(dst, right, (size_t)count);
    b = dst;
  }
  octet_add_run(&plan, a, b, dst, count);
  for (int64_t i = 0; i < count; i++) {
    const float sum = fmaf(plan.right_factor, (float)element(right, type, i), plan.fixed);
    const float t = fmaf(plan.left_factor, (float)element(left, type, i), sum);
    const int32_t expected = law_round(t, 0, plan.low, plan.high);
    if (element(dst, type, i) != expected) {
      check_fail("%s, %lld elements, place %d: %d by %a + %d by %a + %a, %d to %d: expected %d, got %d",
                 octet_kernel_name(plan.kernel), (long long)count, place, element(left, type, i),
                 (double)plan.left_factor, element(right, type, i), (double)plan.right_factor,
                 (double)plan.fixed, plan.low, plan.high, expected, element(dst, type, i));
      return;
    }
  }
}

static void add(void) {
  for (int round = 0; round < 3000; round++) {
    const int32_t type = random_between(&state, OCTET_U8, OCTET_S8);
    const int64_t count = random_between(&state, 0, 400);
    struct octet_add plan = {any_factor(), any_factor(), random_real(&state, -300, 300), 0, 0, 0};
    /* Small integers and halves of them: ties, and sums that only a fused operation rounds right. */
    if (random_between(&state, 0, 2) == 0) {
      plan.fixed = (float)random_between(&state, -200, 200) * 0.5f;
      plan.left_factor = 0.5f + (float)random_between(&state, -2, 2) * 0x1p-24f;
    }
    random_bounds(type, &plan.low, &plan.high);
    uint8_t *left = guarded((size_t)count);
    uint8_t *right = guarded((size_t)count);
    random_bytes(&state, left, (size_t)count);
    random_bytes(&state, right, (size_t)count);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= OCTET_ISA_AVX512VNNI; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        add_on(tier, plan, type, left, right, count);
      }
    }
    guarded_free();
  }
}

/* Sums that need more than 53 bits: rounded to binary64 first they look like ties of binary32. 65 * 16519105
   is 2^30 + 1, 77 * 13944699 is 2^30 - 1: the right product is 1/2 and a little more, or less, beside 2^23.
 */
static void add_rounded_once(void) {
  static const struct {
    float right_factor;
    float fixed;
    uint8_t right;
    uint8_t expected;
  } CASES[] = {{16519105 * 0x1p-31f, 0x1p23f, 65, 1}, {13944699 * 0x1p-31f, 0x1p23f + 1, 77, 1}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= OCTET_ISA_AVX512VNNI; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        const struct octet_add plan = {0x1p16f, CASES[i].right_factor,           CASES[i].fixed, -128,
                                       127,     octet_add_kernel(tier, OCTET_S8)};
        const uint8_t left = 0x80;
        uint8_t y;
        octet_add_run(&plan, &left, &CASES[i].right, &y, 1);
        if (y != CASES[i].expected) {
          check_fail("%s: sum %zu that is no tie: expected %d, got %d", octet_kernel_name(plan.kernel), i,
                     CASES[i].expected, y);
        }
      }
    }
  }
}

static void lookup_on(int32_t tier, const uint8_t *table, const uint8_t *src, int64_t count) {
  const int32_t kernel = octet_lookup_kernel(tier);
  uint8_t *dst = guarded((size_t)count);
  const int in_place = random_between(&state, 0, 1);
  if (in_place) {
    memcpy(dst, src, (size_t)count);
  }
  octet_lookup_run(kernel, table, in_place ? dst : src, dst, count);
  for (int64_t i = 0; i < count; i++) {
    if (dst[i] != table[src[i]]) {
      check_fail("%s, %lld bytes, in place %d: table[%d]: expected %d, got %d", octet_kernel_name(kernel),
                 (long long)count, in_place, src[i], table[src[i]], dst[i]);
      return;
    }
  }
}

static void lookup(void) {
  for (int round = 0; round < 1000; round++) {
    const int64_t count = random_between(&state, 0, 700);
    uint8_t *table = guarded(256);
    random_bytes(&state, table, 256);
    uint8_t *src = guarded((size_t)count);
    random_bytes(&state, src, (size_t)count);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= OCTET_ISA_AVX512VNNI; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        lookup_on(tier, table, src, count);
      }
    }
    guarded_free();
  }
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  requantize();
  add();
  add_rounded_once();
  lookup();
  return check_result("requantize, add, lookup");
}
