/* Resized images on every tier, byte by byte, on memory that ends or begins at a forbidden page. */
#include <math.h>

#include "check.h"

static const uint64_t SEED = UINT64_C(20261129);
static uint64_t state;

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

struct image_case {
  struct octet_resize plan;
  int is_signed;
  int32_t batch;
  int32_t height;
  int32_t width;
  int32_t channels;
  int32_t out_height;
  int32_t out_width;
  const uint8_t *src;
};

/* The law once more: the coordinate of a pixel of an axis. */
static float place(const struct image_case *c, float scale, int32_t in, int32_t out, int32_t o) {
  if (c->height == c->out_height && c->width == c->out_width) {
    return (float)o;
  }
  const float factor = scale == 0 ? (float)out / (float)in : scale;
  float x = ((float)o + 0.5f) / factor - 0.5f;
  if (c->plan.coordinates == OCTET_ASYMMETRIC) {
    x = (float)o / factor;
  } else if (out == 1 && c->plan.coordinates != OCTET_HALF_PIXEL) {
    x = 0;
  } else if (c->plan.coordinates == OCTET_ALIGN_CORNERS) {
    x = (float)o * (float)(in - 1) / (float)(out - 1);
  }
  return fminf(fmaxf(x, 0), (float)(in - 1));
}

static int32_t nearest(int32_t mode, float x) {
  const double half = (double)x - floor((double)x) - 0.5;
  const int tie = fabs(half) < 1e-6;
  if (mode == OCTET_RESIZE_FLOOR || (mode == OCTET_RESIZE_ROUND_PREFER_FLOOR && tie)) {
    return (int32_t)floorf(x);
  }
  if (mode == OCTET_RESIZE_CEIL || (mode == OCTET_RESIZE_ROUND_PREFER_CEIL && tie)) {
    return (int32_t)ceilf(x);
  }
  return (int32_t)lrintf(x);
}

static float pixel(const struct image_case *c, int64_t image, int64_t y, int64_t x, int64_t channel) {
  const uint8_t q = c->src[((image * c->height + y) * c->width + x) * c->channels + channel];
  return c->is_signed ? (float)(int8_t)q : (float)q;
}

static uint8_t law(const struct image_case *c, int64_t i) {
  const int64_t channel = i % c->channels;
  const int32_t ox = (int32_t)(i / c->channels % c->out_width);
  const int32_t oy = (int32_t)(i / c->channels / c->out_width % c->out_height);
  const int64_t image = i / c->channels / c->out_width / c->out_height;
  const float y = place(c, c->plan.height_scale, c->height, c->out_height, oy);
  const float x = place(c, c->plan.width_scale, c->width, c->out_width, ox);
  if (c->plan.mode != OCTET_RESIZE_LINEAR) {
    return (uint8_t)(int32_t)pixel(c, image, nearest(c->plan.mode, y), nearest(c->plan.mode, x), channel);
  }
  const int64_t y1 = (int64_t)y;
  const int64_t x1 = (int64_t)x;
  const int64_t y2 = y1 + 1 < c->height ? y1 + 1 : y1;
  const int64_t x2 = x1 + 1 < c->width ? x1 + 1 : x1;
  const float wy1 = y1 == y2 ? 0.5f : fabsf(y - (float)y2);
  const float wy2 = y1 == y2 ? 0.5f : fabsf(y - (float)y1);
  const float wx1 = x1 == x2 ? 0.5f : fabsf(x - (float)x2);
  const float wx2 = x1 == x2 ? 0.5f : fabsf(x - (float)x1);
  const float a = wx1 * wy1 * pixel(c, image, y1, x1, channel);
  const float b = wx2 * wy1 * pixel(c, image, y1, x2, channel);
  const float d = wx1 * wy2 * pixel(c, image, y2, x1, channel);
  const float e = wx2 * wy2 * pixel(c, image, y2, x2, channel);
  return (uint8_t)(int32_t)(a + b + d + e);
}

static void resize_on(int32_t tier, struct image_case *c, const uint8_t *expected) {
  struct octet_resize *plan = &c->plan;
  plan->kernel = octet_resize_kernel(tier, plan->mode, c->is_signed ? OCTET_S8 : OCTET_U8);
  const int64_t lines = (int64_t)c->batch * c->out_height;
  const int64_t count = lines * c->out_width * c->channels;
  uint8_t *dst = guarded((size_t)count);
  /* Multiples of 4. */
  const int64_t bytes = octet_resize_table_bytes(plan, c->channels, c->out_width);
  void *table = guarded_end((size_t)bytes);
  octet_resize_table(plan, c->height, c->width, c->channels, c->out_height, c->out_width, table);
  const int64_t cut = random_between(&state, 0, (int32_t)lines);
  octet_resize_run(plan, table, c->src, dst, c->height, c->width, c->channels, c->out_height, c->out_width,
                   cut, lines - cut);
  octet_resize_run(plan, table, c->src, dst, c->height, c->width, c->channels, c->out_height, c->out_width, 0,
                   cut);
  for (int64_t i = 0; i < count; i++) {
    if (dst[i] != expected[i]) {
      check_fail(
          "%s, mode %d, coordinates %d, scales %.9g and %.9g, %d images of %d x %d x %d to %d x %d: channel "
          "%lld "
          "of row %lld, column %lld: expected %d, got %d",
          octet_kernel_name(plan->kernel), plan->mode, plan->coordinates, (double)plan->height_scale,
          (double)plan->width_scale, c->batch, c->height, c->width, c->channels, c->out_height, c->out_width,
          (long long)(i % c->channels), (long long)(i / c->channels / c->out_width),
          (long long)(i / c->channels % c->out_width), expected[i], dst[i]);
      return;
    }
  }
}

/* A size by a factor, or the factor 0 and any size. */
static int32_t random_size(int32_t in, int by_scale, float *scale) {
  *scale = 0;
  if (by_scale) {
    do {
      *scale = random_between(&state, 0, 1) ? (float)random_between(&state, 1, 30) / 10.0f
                                            : random_real(&state, 0.05f, 3);
    } while (*scale * (float)in < 1);
    return (int32_t)(*scale * (float)in);
  }
  return random_between(&state, 0, 2) == 0 ? in * random_between(&state, 1, 3)
                                           : random_between(&state, 1, 2 * in + 3);
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  for (int round = 0; round < share_of(3000); round++) {
    struct image_case c = {.is_signed = random_between(&state, 0, 1), .batch = random_between(&state, 1, 2)};
    /* One wide image in 20: more elements of a line than are gathered at a time. */
    const int32_t side = round % 20 == 0 ? 400 : 24;
    c.height = random_between(&state, 1, 12);
    c.width = random_between(&state, 1, side);
    c.channels = random_between(&state, 0, 1) ? random_between(&state, 1, 4)
                                              : random_between(&state, 1, side > 24 ? 15 : 70);
    c.plan.mode = random_between(&state, 0, 1)
                      ? OCTET_RESIZE_LINEAR
                      : random_between(&state, OCTET_RESIZE_FLOOR, OCTET_RESIZE_ROUND_PREFER_CEIL);
    c.plan.coordinates = random_between(&state, OCTET_HALF_PIXEL, OCTET_ALIGN_CORNERS);
    const int by_scale = random_between(&state, 0, 1);
    c.out_height = random_size(c.height, by_scale, &c.plan.height_scale);
    c.out_width = random_size(c.width, by_scale, &c.plan.width_scale);
    const size_t size = (size_t)c.batch * (size_t)c.height * (size_t)c.width * (size_t)c.channels;
    uint8_t *src = guarded(size);
    random_bytes(&state, src, size);
    c.src = src;
    const int64_t count = (int64_t)c.batch * c.out_height * c.out_width * c.channels;
    uint8_t *expected = malloc((size_t)count);
    for (int64_t i = 0; i < count; i++) {
      expected[i] = law(&c, i);
    }
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        resize_on(tier, &c, expected);
      }
    }
    free(expected);
    guarded_free();
  }
  return check_result("resize");
}
