/* Requantize, binary ops and lookup of every tier against the law, spelled out here element by element, on
   operands that end or begin at a forbidden page. */
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
  for (int round = 0; round < share_of(2000); round++) {
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
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        requantize_on(tier, plan, type, channels, src, first, count);
      }
    }
    guarded_free();
  }
}

static const char *const OPS[] = {"add", "subtract", "multiply", "maximum", "minimum", "divide"};

enum { OP_COUNT = sizeof OPS / sizeof OPS[0] };

static int32_t law_binary(int32_t op, const struct octet_binary *plan, int32_t a, int32_t b) {
  const float x = (float)(a - plan->left_zero_point);
  const float y = (float)(b - plan->right_zero_point);
  const float left = x * plan->left_factor;
  const float right = y * plan->right_factor;
  switch (op) {
    case OCTET_ADD:
    case OCTET_SUBTRACT: {
      const float sum = fmaf(plan->right_factor, (float)b, plan->fixed);
      return law_round(fmaf(plan->left_factor, (float)a, sum), 0, plan->low, plan->high);
    }
    case OCTET_MULTIPLY: {
      const float product = x * y * plan->left_factor;
      return law_round(product + plan->fixed, 0, plan->low, plan->high);
    }
    case OCTET_MAXIMUM:
      return law_round(fmaxf(left, right) / plan->divisor, plan->zero_point, plan->low, plan->high);
    case OCTET_MINIMUM:
      /* Its factors are negative. */
      return law_round(fminf(-left, -right) / -plan->divisor, plan->zero_point, plan->low, plan->high);
    case OCTET_DIVIDE: {
      const double quotient =
          (double)x * (double)plan->left_factor / ((double)y * (double)plan->right_factor);
      const double t = rint(quotient / (double)plan->divisor) + plan->zero_point;
      return t >= plan->low ? t < plan->high ? (int32_t)t : plan->high : plan->low;
    }
    default:
      printf("no law of op %d\n", op);
      exit(1);
  }
}

/* Where an operand lies: elements from column to column and from row to row, and how many there are. */
struct place {
  int64_t step;
  int64_t row;
  int64_t size;
};

static struct place random_place(int64_t rows, int64_t columns, int repeated) {
  const int64_t step = repeated && random_between(&state, 0, 1) ? 0 : 1;
  const int64_t inner = step == 0 ? columns > 0 : columns;
  const int64_t row = repeated && random_between(&state, 0, 1) ? 0 : inner;
  return (struct place){step, row, row == 0 ? inner : rows * inner};
}

static void binary_on(int32_t tier, int32_t op, struct octet_binary plan, int32_t type, const uint8_t *left,
                      struct place l, const uint8_t *right, struct place r, int64_t rows, int64_t columns) {
  plan.kernel = octet_binary_kernel(tier, op, type);
  const int64_t count = rows * columns;
  uint8_t *dst = guarded((size_t)count);
  const uint8_t *a = left;
  const uint8_t *b = right;
  const int32_t over = random_between(&state, 0, 2);
  if (over == 1 && l.size == count && l.step == 1) {
    memcpy(dst, left, (size_t)count);
    a = dst;
  } else if (over == 2 && r.size == count && r.step == 1) {
    memcpy(dst, right, (size_t)count);
    b = dst;
  }
  octet_binary_run(&plan, a, l.row, l.step, b, r.row, r.step, dst, rows, columns);
  for (int64_t i = 0; i < count; i++) {
    const int32_t x = element(left, type, i / columns * l.row + i % columns * l.step);
    const int32_t y = element(right, type, i / columns * r.row + i % columns * r.step);
    const int32_t expected = law_binary(op, &plan, x, y);
    if (element(dst, type, i) != expected) {
      check_fail(
          "%s by %s, %lld x %lld, steps %lld and %lld, over %d: %d and %d, zero points %d and %d, %a, %a, "
          "%a, %a, zero point %d, %d to %d: expected %d, got %d",
          OPS[op], octet_kernel_name(plan.kernel), (long long)rows, (long long)columns, (long long)l.step,
          (long long)r.step, over, x, y, plan.left_zero_point, plan.right_zero_point,
          (double)plan.left_factor, (double)plan.right_factor, (double)plan.fixed, (double)plan.divisor,
          plan.zero_point, plan.low, plan.high, expected, element(dst, type, i));
      return;
    }
  }
}

static struct octet_binary random_plan(int32_t op, int32_t type) {
  struct octet_binary plan = {.left_factor = any_factor(),
                              .right_factor = any_factor(),
                              .fixed = random_real(&state, -300, 300),
                              .divisor = any_factor(),
                              .left_zero_point = random_between(&state, LOW[type], HIGH[type]),
                              .right_zero_point = random_between(&state, LOW[type], HIGH[type]),
                              .zero_point = random_between(&state, LOW[type], HIGH[type])};
  if (op == OCTET_MAXIMUM || op == OCTET_MINIMUM) {
    /* Which of two is taken where one is NaN is nobody's business: scales are positive and finite. */
    plan.left_factor = random_real(&state, 0.01f, 3);
    plan.right_factor = random_real(&state, 0.01f, 3);
  } else if (op == OCTET_MULTIPLY) {
    plan.left_factor *= 0x1p-6f;
  }
  /* Small integers and halves of them: ties, and sums that only a fused operation rounds right. */
  if (random_between(&state, 0, 2) == 0) {
    plan.fixed = (float)random_between(&state, -200, 200) * 0.5f;
    plan.left_factor = 0.5f + (float)random_between(&state, -2, 2) * 0x1p-24f;
    plan.divisor = 1;
  }
  if (op == OCTET_MINIMUM) {
    plan.left_factor = -plan.left_factor;
    plan.right_factor = -plan.right_factor;
    plan.divisor = -plan.divisor;
  }
  random_bounds(type, &plan.low, &plan.high);
  return plan;
}

static void binary(void) {
  for (int round = 0; round < share_of(4500); round++) {
    const int32_t op = round % OP_COUNT;
    const int32_t type = random_between(&state, OCTET_U8, OCTET_S8);
    const int64_t rows = random_between(&state, 0, 2) == 0 ? 1 : random_between(&state, 0, 9);
    const int64_t columns = random_between(&state, 0, rows == 1 ? 400 : 150);
    const struct octet_binary plan = random_plan(op, type);
    const int32_t repeated = random_between(&state, 0, 3);
    const struct place l = random_place(rows, columns, repeated == 1 || repeated == 3);
    const struct place r = random_place(rows, columns, repeated >= 2);
    uint8_t *left = guarded((size_t)l.size);
    uint8_t *right = guarded((size_t)r.size);
    random_bytes(&state, left, (size_t)l.size);
    random_bytes(&state, right, (size_t)r.size);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        binary_on(tier, op, plan, type, left, l, right, r, rows, columns);
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
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        const struct octet_binary plan = {.left_factor = 0x1p16f,
                                          .right_factor = CASES[i].right_factor,
                                          .fixed = CASES[i].fixed,
                                          .low = -128,
                                          .high = 127,
                                          .kernel = octet_binary_kernel(tier, OCTET_ADD, OCTET_S8)};
        const uint8_t left = 0x80;
        uint8_t y;
        octet_binary_run(&plan, &left, 0, 1, &CASES[i].right, 0, 1, &y, 1, 1);
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
  for (int round = 0; round < share_of(1000); round++) {
    const int64_t count = random_between(&state, 0, 700);
    uint8_t *table = guarded(256);
    random_bytes(&state, table, 256);
    uint8_t *src = guarded((size_t)count);
    random_bytes(&state, src, (size_t)count);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
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
  binary();
  add_rounded_once();
  lookup();
  return check_result("requantize, binary ops, lookup");
}
