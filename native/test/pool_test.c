/* Pooling on every tier against the law, spelled out here tap by tap, on operands that end or begin at a
   forbidden page. */
#include <math.h>

#include "check.h"

static const uint64_t SEED = UINT64_C(20261128);
static uint64_t state;

static const int32_t LOW[] = {0, -128};
static const int32_t HIGH[] = {255, 127};

struct images {
  int32_t batch;
  int32_t height;
  int32_t width;
  int32_t channels;
  int32_t out_height;
  int32_t out_width;
};

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static int32_t element(const uint8_t *from, int32_t type, int64_t index) {
  return type == OCTET_U8 ? from[index] : (int8_t)from[index];
}

static int32_t law(const struct octet_pool *plan, int32_t kind, int32_t type, const struct images *i,
                   const uint8_t *src, int64_t line, int32_t x, int32_t channel) {
  const int global = plan->kernel_height == 0;
  const int64_t image = line / i->out_height;
  const int64_t y = line % i->out_height;
  const int32_t kernel_height = global ? i->height : plan->kernel_height;
  const int32_t kernel_width = global ? i->width : plan->kernel_width;
  int32_t most = LOW[type];
  int64_t sum = 0;
  int64_t count = 0;
  for (int32_t ky = 0; ky < kernel_height; ky++) {
    for (int32_t kx = 0; kx < kernel_width; kx++) {
      const int64_t row = global ? ky : y * plan->stride_height - plan->pad_top + ky * plan->dilation_height;
      const int64_t column =
          global ? kx : (int64_t)x * plan->stride_width - plan->pad_left + kx * plan->dilation_width;
      if (row >= 0 && row < i->height && column >= 0 && column < i->width) {
        const int32_t q =
            element(src, type, ((image * i->height + row) * i->width + column) * i->channels + channel);
        most = q > most ? q : most;
        sum += q - plan->input_zero_point;
        count++;
      } else if (plan->count_padding && row < i->height + plan->pad_bottom &&
                 column < i->width + plan->pad_right) {
        count++;
      }
    }
  }
  if (kind == OCTET_MAX_POOL) {
    return most;
  }
  const float divisor = (float)(count > 0 ? count : 1) * plan->output_scale;
  const float t = (float)sum * (plan->input_scale / divisor);
  return (int32_t)rintf(fminf(fmaxf(t, plan->low), plan->high)) + plan->zero_point;
}

static void pool_on(int32_t tier, struct octet_pool plan, int32_t kind, int32_t type, const struct images *i,
                    const uint8_t *src) {
  plan.kernel = octet_pool_kernel(tier, kind, type);
  const int64_t lines = (int64_t)i->batch * i->out_height;
  const int64_t line_bytes = (int64_t)i->out_width * i->channels;
  uint8_t *dst = guarded((size_t)(lines * line_bytes));
  const int32_t cut = random_between(&state, 0, (int32_t)lines);
  octet_pool_run(&plan, src, dst, i->height, i->width, i->channels, i->out_height, i->out_width, 0, cut);
  octet_pool_run(&plan, src, dst, i->height, i->width, i->channels, i->out_height, i->out_width, cut,
                 lines - cut);
  for (int64_t at = 0; at < lines * line_bytes; at++) {
    const int64_t line = at / line_bytes;
    const int32_t x = (int32_t)(at / i->channels % i->out_width);
    const int32_t expected = law(&plan, kind, type, i, src, line, x, (int32_t)(at % i->channels));
    if (element(dst, type, at) != expected) {
      check_fail(
          "%s, %d images of %d x %d x %d, window %d x %d, stride %d x %d, dilation %d x %d, padding %d "
          "%d %d %d, counted %d, %a to %a, zero points %d and %d, %a to %a: line %lld, column %d: "
          "expected %d, got %d",
          octet_kernel_name(plan.kernel), i->batch, i->height, i->width, i->channels, plan.kernel_height,
          plan.kernel_width, plan.stride_height, plan.stride_width, plan.dilation_height, plan.dilation_width,
          plan.pad_top, plan.pad_left, plan.pad_bottom, plan.pad_right, plan.count_padding,
          (double)plan.input_scale, (double)plan.output_scale, plan.input_zero_point, plan.zero_point,
          (double)plan.low, (double)plan.high, (long long)line, x, expected, element(dst, type, at));
      return;
    }
  }
}

/* The outputs of an axis, rounded down or up. */
static int32_t outputs(int32_t size, int32_t kernel, int32_t stride, int32_t dilation, int32_t before,
                       int32_t after) {
  const int32_t rest = size + before + after - ((kernel - 1) * dilation + 1);
  const int32_t out = rest / stride + 1;
  const int another = rest % stride != 0 && out * stride < size + before;
  return another && random_between(&state, 0, 1) ? out + 1 : out;
}

static void random_windows(struct octet_pool *plan, struct images *i) {
  plan->kernel_height = random_between(&state, 1, 5);
  plan->kernel_width = random_between(&state, 1, 5);
  plan->stride_height = random_between(&state, 1, 3);
  plan->stride_width = random_between(&state, 1, 3);
  plan->dilation_height = random_between(&state, 1, 3);
  plan->dilation_width = random_between(&state, 1, 3);
  plan->pad_top = random_between(&state, 0, 4);
  plan->pad_left = random_between(&state, 0, 4);
  plan->pad_bottom = random_between(&state, 0, 4);
  plan->pad_right = random_between(&state, 0, 4);
  plan->count_padding = random_between(&state, 0, 1);
  const int32_t rows =
      (plan->kernel_height - 1) * plan->dilation_height + 1 - plan->pad_top - plan->pad_bottom;
  const int32_t columns =
      (plan->kernel_width - 1) * plan->dilation_width + 1 - plan->pad_left - plan->pad_right;
  i->height = (rows > 1 ? rows : 1) + random_between(&state, 0, 6);
  i->width = (columns > 1 ? columns : 1) + random_between(&state, 0, 6);
  i->out_height = outputs(i->height, plan->kernel_height, plan->stride_height, plan->dilation_height,
                          plan->pad_top, plan->pad_bottom);
  i->out_width = outputs(i->width, plan->kernel_width, plan->stride_width, plan->dilation_width,
                         plan->pad_left, plan->pad_right);
}

static int32_t random_channels(void) {
  switch (random_between(&state, 0, 3)) {
    case 0:
      return random_between(&state, 1, 20);
    case 1:
      return 32 * random_between(&state, 1, 5);
    default:
      return random_between(&state, 1, 150);
  }
}

static void on_all_tiers(const struct octet_pool *plan, int32_t kind, int32_t type, const struct images *i,
                         const uint8_t *src) {
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (tier_runs_here(tier)) {
      check_cases++;
      pool_on(tier, *plan, kind, type, i, src);
    }
  }
}

static void random_pools(void) {
  for (int round = 0; round < share_of(2000); round++) {
    const int32_t type = random_between(&state, OCTET_U8, OCTET_S8);
    const int32_t kind = random_between(&state, OCTET_MAX_POOL, OCTET_AVERAGE_POOL);
    struct octet_pool plan = {.input_scale = random_real(&state, 0.01f, 3),
                              .output_scale = random_real(&state, 0.01f, 3),
                              .input_zero_point = random_between(&state, LOW[type], HIGH[type]),
                              .zero_point = random_between(&state, LOW[type], HIGH[type])};
    /* Ties. */
    if (random_between(&state, 0, 2) == 0) {
      plan.input_scale = plan.output_scale;
    }
    const int32_t a = random_between(&state, LOW[type], HIGH[type]);
    const int all = random_between(&state, 0, 1);
    plan.low = (float)((all ? LOW[type] : a < 0 ? LOW[type] : a / 2) - plan.zero_point);
    plan.high = (float)((all ? HIGH[type] : a < 0 ? a / 2 : HIGH[type]) - plan.zero_point);
    struct images i = {.batch = random_between(&state, 1, 3), .channels = random_channels()};
    if (random_between(&state, 0, 3) == 0) {
      i.out_height = 1;
      i.out_width = 1;
      i.height = random_between(&state, 1, 40);
      i.width = random_between(&state, 1, 40);
    } else {
      random_windows(&plan, &i);
    }
    const size_t bytes = (size_t)i.batch * (size_t)i.height * (size_t)i.width * (size_t)i.channels;
    uint8_t *src = guarded(bytes);
    random_bytes(&state, src, bytes);
    on_all_tiers(&plan, kind, type, &i, src);
    guarded_free();
  }
}

/* Sums that 16 bits do not hold by one, 32 bits at most, and that they do not hold. */
static void large_sums(void) {
  static const struct images SIZES[] = {{1, 1, 257, 64, 1, 1},
                                        {1, 514, 1, 33, 1, 1},
                                        {1, 4096, 2048, 1, 1, 1},
                                        {1, 4097, 2048, 1, 1, 1},
                                        {1, 2, 8500000, 3, 1, 1}};
  for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; s++) {
    const struct images i = SIZES[s];
    const size_t bytes = (size_t)i.height * (size_t)i.width * (size_t)i.channels;
    for (int32_t type = OCTET_U8; type <= OCTET_S8; type++) {
      if (!is_in_share(SEED + s * 2 + (uint64_t)type)) {
        continue;
      }
      uint8_t *src = guarded_end(bytes);
      memset(src, type == OCTET_U8 ? 255 : 127, bytes);
      const struct octet_pool plan = {.input_scale = 1,
                                      .output_scale = 2,
                                      .input_zero_point = LOW[type],
                                      .zero_point = LOW[type],
                                      .low = 0,
                                      .high = 255};
      on_all_tiers(&plan, OCTET_AVERAGE_POOL, type, &i, src);
      guarded_free();
    }
  }
}

/* Padding and dilation of which nearly everything lies outside of the image. */
static void extreme_windows(void) {
  const int32_t most = 2147483647;
  struct octet_pool plan = {.kernel_height = most,
                            .kernel_width = most,
                            .stride_height = 1,
                            .stride_width = 1,
                            .dilation_height = 1,
                            .dilation_width = 1,
                            .pad_top = most / 2,
                            .pad_left = most / 2,
                            .pad_bottom = most / 2 - 1,
                            .pad_right = most / 2,
                            .input_scale = 1,
                            .output_scale = 1,
                            .low = -128,
                            .high = 127};
  const uint8_t image[6] = {1, 2, 3, 4, 5, 6};
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    for (int32_t way = 0; way < 3 && tier_runs_here(tier); way++) {
      static const int32_t EXPECTED[] = {6, 4, 0};
      plan.kernel = octet_pool_kernel(tier, way > 0, OCTET_S8);
      plan.count_padding = way == 2;
      uint8_t y[3];
      octet_pool_run(&plan, image, y, 2, 3, 1, 1, 3, 0, 1);
      check_cases++;
      for (int x = 0; x < 3; x++) {
        if (y[x] != EXPECTED[way]) {
          check_fail("%s, window of 2^62 taps, counted %d: expected %d, got %d",
                     octet_kernel_name(plan.kernel), plan.count_padding, EXPECTED[way], y[x]);
        }
      }
    }
  }
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  random_pools();
  large_sums();
  extreme_windows();
  return check_result("pooling");
}
