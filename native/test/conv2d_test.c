/* Convolutions of every tier against the law, spelled out here from zero points and scales as users have
   them; the tables that a caller derives from those are part of what is tested. Operands lie between
   forbidden pages. */
#include "check.h"

#include <math.h>

enum {
  /* What lies between outputs. */
  GAP = 0xa5
};

struct conv_case {
  int32_t tier;
  int32_t src_type, dst_type, weight_type, weight_layout;
  int32_t height, width, out_height, out_width;
  /* Of volumes: their frames, the frame where the window begins, the frames from one tap to the next, and the
     rows of the window in a frame; 0: images. */
  int32_t depth, first_frame, dilation_depth, frame_rows;
  int32_t in, out, groups;
  int32_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
  int32_t top, left;
  /* Rows and columns of dst from one output to the next, and of the first one. */
  int32_t step_height, step_width, first_row, first_column;
  int32_t input_zero_point, weight_zero_points, extreme, large;
  int32_t zero_point;
  float low, high;
  /* Given to the run, with the zero point; 0: they are part of the plan. */
  float scale;
  uint64_t seed;
};

static void print_case(const struct conv_case *c) {
  printf(
      "tier %s src %d dst %d weights %d layout %d image %dx%d out %dx%d channels %d -> %d in %d groups "
      "kernel %dx%d stride %dx%d dilation %dx%d pad %d %d zero point %d weight zero points %d extreme %d "
      "large %d "
      "bounds %g %g zero point %d scale %g frames %d from %d by %d of %d rows outputs by %d %d from %d %d "
      "seed %llu: ",
      tier_name(c->tier), c->src_type, c->dst_type, c->weight_type, c->weight_layout, c->height, c->width,
      c->out_height, c->out_width, c->in, c->out, c->groups, c->kernel_height, c->kernel_width,
      c->stride_height, c->stride_width, c->dilation_height, c->dilation_width, c->top, c->left,
      c->input_zero_point, c->weight_zero_points, c->extreme, c->large, (double)c->low, (double)c->high,
      c->zero_point, (double)c->scale, c->depth, c->first_frame, c->dilation_depth, c->frame_rows,
      c->step_height, c->step_width, c->first_row, c->first_column, (unsigned long long)c->seed);
}

static int32_t byte_value(int32_t type, uint8_t byte) {
  return type == OCTET_S8 ? (int8_t)byte : byte;
}

static int32_t random_zero_point(uint64_t *state, int32_t type) {
  const int32_t low = type == OCTET_S8 ? -128 : 0;
  switch (random_between(state, 0, 3)) {
    case 0:
      return low;
    case 1:
      return low + 255;
    default:
      return low + random_between(state, 0, 255);
  }
}

struct operands {
  uint8_t *src, *weights;
  int32_t *weight_zero_points, *bias;
  float *multipliers, *float_bias;
};

/* Where a weight is in its layout. */
static int64_t place(const struct conv_case *c, int64_t o, int64_t ky, int64_t kx, int64_t i) {
  const int64_t all = (int64_t)c->out * c->groups;
  switch (c->weight_layout) {
    case OCTET_OIHW:
      return ((o * c->in + i) * c->kernel_height + ky) * c->kernel_width + kx;
    case OCTET_HWIO:
      return ((ky * c->kernel_width + kx) * c->in + i) * all + o;
    default:
      return ((o * c->kernel_height + ky) * c->kernel_width + kx) * c->in + i;
  }
}

static int32_t frames(const struct conv_case *c) {
  return c->frame_rows == 0 ? 1 : c->depth;
}

/* The accumulator of the law. */
static int32_t accumulate(const struct conv_case *c, const struct operands *op, int32_t y, int32_t x,
                          int32_t o) {
  uint32_t sum = (uint32_t)op->bias[o];
  for (int32_t ky = 0; ky < c->kernel_height; ky++) {
    const int32_t rows = c->frame_rows == 0 ? c->kernel_height : c->frame_rows;
    const int64_t frame = c->first_frame + (int64_t)(ky / rows) * c->dilation_depth;
    const int64_t row = (int64_t)y * c->stride_height - c->top + (int64_t)(ky % rows) * c->dilation_height;
    for (int32_t kx = 0; kx < c->kernel_width; kx++) {
      const int64_t column = (int64_t)x * c->stride_width - c->left + (int64_t)kx * c->dilation_width;
      if (frame < 0 || frame >= frames(c) || row < 0 || row >= c->height || column < 0 ||
          column >= c->width) {
        continue;
      }
      const uint8_t *pixel = op->src + ((frame * c->height + row) * c->width + column) * c->in * c->groups +
                             (int64_t)(o / c->out) * c->in;
      for (int32_t i = 0; i < c->in; i++) {
        const int32_t u = byte_value(c->src_type, pixel[i]) - c->input_zero_point;
        const int32_t w =
            byte_value(c->weight_type, op->weights[place(c, o, ky, kx, i)]) - op->weight_zero_points[o];
        sum += (uint32_t)(u * w);
      }
    }
  }
  return (int32_t)sum;
}

/* Half to even; of small numbers. */
static int32_t rounded(float t) {
  const int32_t down = (int32_t)floorf(t);
  const float rest = t - (float)down;
  return rest > 0.5f || (rest == 0.5f && down % 2 != 0) ? down + 1 : down;
}

static int check_output(const struct conv_case *c, const struct operands *op, const uint8_t *dst, int64_t at,
                        int32_t o, int32_t sum) {
  if (c->dst_type == OCTET_S32) {
    int32_t found;
    memcpy(&found, dst + at * 4, 4);
    return found == sum;
  }
  const float multiplier = c->scale == 0 ? op->multipliers[o] : c->scale * op->multipliers[o];
  const float t = (float)sum * multiplier;
  if (c->dst_type == OCTET_F32) {
    float found;
    memcpy(&found, dst + at * 4, 4);
    const float expected = fminf(fmaxf(t + op->float_bias[o], c->low), c->high);
    return memcmp(&found, &expected, 4) == 0;
  }
  return byte_value(c->dst_type, dst[at]) == rounded(fminf(fmaxf(t, c->low), c->high)) + c->zero_point;
}

static struct octet_conv2d sizes_of(const struct conv_case *c) {
  struct octet_conv2d plan = {.in_channels = c->in,
                              .out_channels = c->out,
                              .groups = c->groups,
                              .kernel_height = c->kernel_height,
                              .kernel_width = c->kernel_width,
                              .stride_height = c->stride_height,
                              .stride_width = c->stride_width,
                              .dilation_height = c->dilation_height,
                              .dilation_width = c->dilation_width,
                              .pad_top = c->top,
                              .pad_left = c->left,
                              .input_zero_point = c->scale == 0             ? c->input_zero_point
                                                  : c->src_type == OCTET_S8 ? -128
                                                                            : 0,
                              .zero_point = c->zero_point,
                              .low = c->low,
                              .high = c->high,
                              .output_stride_height = c->step_height,
                              .output_stride_width = c->step_width,
                              .first_output_row = c->first_row,
                              .first_output_column = c->first_column,
                              .frame_rows = c->frame_rows,
                              .dilation_depth = c->dilation_depth};
  plan.form = octet_conv2d_form(&plan);
  return plan;
}

/* Packs, and derives the tables of a plan. */
static void prepare(const struct conv_case *c, const struct operands *op, struct octet_conv2d *plan) {
  const int32_t out = c->out * c->groups;
  const int32_t rows = octet_conv2d_sum_rows(plan);
  const int32_t per_row = c->kernel_height * c->kernel_width * c->in / rows;
  const int32_t zero_point = c->scale != 0 ? 1 : c->input_zero_point + (c->src_type == OCTET_S8 ? 128 : 0);
  const int32_t shift = c->weight_type == OCTET_U8 ? 128 : 0;
  void *packed = guarded_offset((size_t)octet_conv2d_packed_bytes(plan, c->tier), c->seed % 64);
  int32_t *skipped = guarded_end((size_t)(rows * out) * 4);
  int32_t *offsets = guarded_end((size_t)out * 4);
  int32_t *zero_points = guarded_end((size_t)out * 4);
  octet_conv2d_pack(plan, c->tier, op->weights, c->weight_type, c->weight_layout, packed, skipped);
  for (int32_t o = 0; o < out; o++) {
    zero_points[o] = op->weight_zero_points[o] - shift;
    offsets[o] = op->bias[o];
    for (int32_t row = 0; row < rows; row++) {
      int32_t *sum = skipped + (int64_t)row * out + o;
      *sum = zero_point * (*sum - per_row * zero_points[o]);
      offsets[o] -= c->scale == 0 ? *sum : 0;
    }
  }
  plan->weights = packed;
  plan->offsets = offsets;
  plan->skipped = zero_point == 0 ? NULL : skipped;
  plan->weight_zero_points = c->weight_zero_points || c->weight_type == OCTET_U8 ? zero_points : NULL;
  plan->multipliers = op->multipliers;
  plan->bias = c->dst_type == OCTET_F32 ? op->float_bias : NULL;
  plan->kernel = octet_conv2d_kernel(c->tier, c->src_type, c->dst_type);
}

static int32_t step(int32_t given) {
  return given == 0 ? 1 : given;
}

/* Lines of dst, and its pixels in a line: those of the outputs, and some before and between them. */
static int32_t dst_height(const struct conv_case *c) {
  return c->first_row + (c->out_height - 1) * step(c->step_height) + 1;
}

static int32_t dst_width(const struct conv_case *c) {
  return c->first_column + (c->out_width - 1) * step(c->step_width) + 1;
}

static void run_part(const struct conv_case *c, const struct octet_conv2d *plan, const uint8_t *src,
                     uint8_t *dst, int32_t line, int32_t lines, int32_t panel, int32_t panels,
                     void *scratch) {
  if (c->frame_rows != 0) {
    octet_conv3d_run(plan, src, dst, c->depth, c->first_frame, c->height, c->width, dst_width(c), line, lines,
                     panel, panels, scratch);
  } else if (c->scale == 0) {
    octet_conv2d_run(plan, src, dst, c->height, c->width, dst_width(c), line, lines, panel, panels, scratch);
  } else {
    octet_conv2d_scaled_run(plan, c->scale, c->input_zero_point, src, dst, c->height, c->width, dst_width(c),
                            line, lines, panel, panels, scratch);
  }
}

/* In one call, or in parts of lines and panels. */
static void run(const struct conv_case *c, const struct octet_conv2d *plan, const uint8_t *src, uint8_t *dst,
                uint64_t *state) {
  const int32_t panels = octet_conv2d_panels(plan);
  const int32_t whole = random_between(state, 0, 1);
  const int32_t lines = whole ? c->out_height : random_between(state, 1, c->out_height);
  const int32_t some = whole ? panels : random_between(state, 1, panels);
  const int64_t bytes =
      c->scale == 0 ? octet_conv2d_scratch_bytes(plan) : octet_conv2d_scaled_scratch_bytes(plan);
  void *scratch = guarded_offset((size_t)bytes, (size_t)random_between(state, 0, 15) * 4);
  for (int32_t panel = 0; panel < panels; panel += some) {
    for (int32_t line = 0; line < c->out_height; line += lines) {
      run_part(c, plan, src, dst, line, lines < c->out_height - line ? lines : c->out_height - line, panel,
               some < panels - panel ? some : panels - panel, scratch);
    }
  }
}

static void check_case(const struct conv_case *c) {
  uint64_t state = c->seed;
  const int32_t out = c->out * c->groups;
  const size_t src_bytes =
      (size_t)frames(c) * (size_t)c->height * (size_t)c->width * (size_t)(c->in * c->groups);
  const size_t weight_bytes = (size_t)(c->kernel_height * c->kernel_width * c->in) * (size_t)out;
  const size_t element = c->dst_type == OCTET_S32 || c->dst_type == OCTET_F32 ? 4 : 1;
  const size_t dst_bytes = (size_t)(dst_height(c) * dst_width(c)) * (size_t)out * element;
  const struct operands op = {.src = guarded_end(src_bytes),
                              .weights = guarded_end(weight_bytes),
                              .weight_zero_points = guarded_end((size_t)out * 4),
                              .bias = guarded_end((size_t)out * 4),
                              .multipliers = guarded_end((size_t)out * 4),
                              .float_bias = guarded_end((size_t)out * 4)};
  uint8_t *dst = random_between(&state, 0, 1) ? guarded_end(dst_bytes) : guarded_start(dst_bytes);
  random_bytes(&state, op.src, src_bytes);
  random_bytes(&state, op.weights, weight_bytes);
  for (size_t i = 0; c->extreme && i < src_bytes; i++) {
    op.src[i] = random_between(&state, 0, 1) ? (c->src_type == OCTET_S8 ? 0x80 : 0xff)
                                             : (c->src_type == OCTET_S8 ? 0x7f : 0);
  }
  for (size_t i = 0; c->extreme && i < weight_bytes; i++) {
    op.weights[i] = random_between(&state, 0, 1) ? 0x80 : 0x7f;
  }
  for (int32_t o = 0; o < out; o++) {
    op.weight_zero_points[o] = c->weight_zero_points        ? random_zero_point(&state, c->weight_type)
                               : c->weight_type == OCTET_U8 ? 128
                                                            : 0;
    op.bias[o] = random_between(&state, -5000, 5000);
    op.multipliers[o] = random_real(&state, 0.5f, 1) / (float)(1 << random_between(&state, 4, 16));
    if (c->large) {
      /* Products beyond 32 bits. */
      op.multipliers[o] *= 16777216;
    }
    op.float_bias[o] = random_real(&state, -10, 10);
  }
  struct octet_conv2d plan = sizes_of(c);
  prepare(c, &op, &plan);
  memset(dst, GAP, dst_bytes);
  run(c, &plan, op.src, dst, &state);
  check_cases++;
  for (int32_t row = 0; row < dst_height(c); row++) {
    for (int32_t column = 0; column < dst_width(c); column++) {
      const int64_t pixel = ((int64_t)row * dst_width(c) + column) * out;
      const int32_t y = (row - c->first_row) / step(c->step_height);
      const int32_t x = (column - c->first_column) / step(c->step_width);
      if (row < c->first_row || column < c->first_column ||
          (row - c->first_row) % step(c->step_height) != 0 ||
          (column - c->first_column) % step(c->step_width) != 0) {
        for (int64_t i = 0; i < out * (int64_t)element; i++) {
          if (dst[pixel * (int64_t)element + i] != GAP) {
            print_case(c);
            check_fail("form %d, row %d column %d is no output and was written", plan.form, row, column);
            guarded_free();
            return;
          }
        }
        continue;
      }
      for (int32_t o = 0; o < out; o++) {
        const int32_t sum = accumulate(c, &op, y, x, o);
        if (!check_output(c, &op, dst, pixel + o, o, sum)) {
          print_case(c);
          check_fail("form %d, output %d %d %d, sum %d", plan.form, y, x, o, sum);
          guarded_free();
          return;
        }
      }
    }
  }
  guarded_free();
}

static int32_t outputs(int32_t size, int32_t kernel, int32_t stride, int32_t dilation, int32_t padding) {
  const int32_t left = size + padding - ((kernel - 1) * dilation + 1);
  return left < 0 ? 0 : left / stride + 1;
}

/* Types, zero points and bounds. */
static void random_numbers(struct conv_case *c, uint64_t *state) {
  static const int32_t outputs_of[] = {OCTET_S32, OCTET_F32, OCTET_U8, OCTET_S8};
  c->src_type = random_between(state, 0, 1) ? OCTET_U8 : OCTET_S8;
  c->weight_type = random_between(state, 0, 2) ? OCTET_S8 : OCTET_U8;
  c->dst_type = outputs_of[random_between(state, 0, 3)];
  c->weight_layout = random_between(state, 0, 2);
  c->input_zero_point = random_between(state, 0, 2) ? random_zero_point(state, c->src_type) : 0;
  c->weight_zero_points = random_between(state, 0, 2) == 0;
  c->extreme = random_between(state, 0, 7) == 0;
  c->large = random_between(state, 0, 7) == 0;
  const int bounded = random_between(state, 0, 1);
  if (c->dst_type == OCTET_F32) {
    c->low = bounded ? 0 : -INFINITY;
    c->high = bounded ? 6 : INFINITY;
  } else {
    c->zero_point = c->dst_type == OCTET_S32 ? 0 : random_zero_point(state, c->dst_type);
    const int32_t lowest = c->dst_type == OCTET_S8 ? -128 : 0;
    c->low = (float)(lowest + (bounded ? random_between(state, 0, 100) : 0) - c->zero_point);
    c->high = (float)(lowest + 255 - (bounded ? random_between(state, 0, 100) : 0) - c->zero_point);
  }
  c->scale = random_between(state, 0, 2) == 0 && c->frame_rows == 0 ? random_real(state, 0.1f, 3) : 0;
}

static int32_t some_channels(uint64_t *state) {
  static const int32_t channels[] = {1, 2, 3, 4, 7, 15, 16, 17, 32, 63, 64, 65, 100};
  return channels[random_between(state, 0, (int32_t)(sizeof channels / sizeof channels[0]) - 1)];
}

/* A case that has outputs. */
static struct conv_case random_case(int32_t tier, uint64_t seed) {
  uint64_t state = seed;
  struct conv_case c = {.tier = tier, .seed = seed};
  const int32_t connection = random_between(&state, 0, 3);
  c.groups = connection == 0 ? some_channels(&state) : connection == 1 ? random_between(&state, 2, 4) : 1;
  c.in = connection == 0 ? 1 : connection == 1 ? random_between(&state, 1, 9) : some_channels(&state);
  c.out = connection == 0   ? (random_between(&state, 0, 3) ? 1 : random_between(&state, 1, 3))
          : connection == 1 ? random_between(&state, 1, 70)
                            : some_channels(&state);
  const int32_t largest = random_between(&state, 0, 5) == 0 ? 8 : 3;
  do {
    const int square = random_between(&state, 0, 1);
    c.kernel_height = random_between(&state, 1, largest);
    c.kernel_width = square ? c.kernel_height : random_between(&state, 1, largest);
    c.stride_height = random_between(&state, 1, square ? 2 : 4);
    c.stride_width = square ? c.stride_height : random_between(&state, 1, 4);
    const int dilated = random_between(&state, 0, 3) == 0;
    c.dilation_height = dilated ? random_between(&state, 1, 3) : 1;
    c.dilation_width = dilated ? random_between(&state, 1, 3) : 1;
    c.height = random_between(&state, 1, 12);
    c.width = random_between(&state, 1, 20);
    c.top = random_between(&state, -3, 4);
    c.left = random_between(&state, -3, 4);
    c.out_height = outputs(c.height, c.kernel_height, c.stride_height, c.dilation_height,
                           c.top + random_between(&state, 0, 4));
    c.out_width = outputs(c.width, c.kernel_width, c.stride_width, c.dilation_width,
                          c.left + random_between(&state, 0, 4));
  } while (c.out_height == 0 || c.out_width == 0);
  if (random_between(&state, 0, 2) == 0) {
    c.step_height = random_between(&state, 1, 3);
    c.step_width = random_between(&state, 1, 3);
    c.first_row = random_between(&state, 0, c.step_height - 1);
    c.first_column = random_between(&state, 0, c.step_width - 1);
  }
  if (random_between(&state, 0, 3) == 0) {
    c.frame_rows = c.kernel_height;
    c.kernel_height *= random_between(&state, 1, 3);
    c.depth = random_between(&state, 1, 4);
    c.first_frame = random_between(&state, -3, 4);
    c.dilation_depth = random_between(&state, 1, 3);
  }
  random_numbers(&c, &state);
  return c;
}

/* Depthwise, with the windows that have kernels of their own, and others near them. */
static struct conv_case random_depthwise(int32_t tier, uint64_t seed) {
  static const int32_t channels[] = {2, 15, 16, 17, 31, 32, 32, 33, 48, 63, 64, 65, 96, 100, 128, 144, 200};
  static const int32_t windows[][2] = {{3, 3}, {3, 3}, {3, 3}, {5, 5}, {5, 5}, {1, 3}, {2, 3}, {4, 3},
                                       {5, 3}, {3, 5}, {4, 5}, {7, 5}, {8, 5}, {9, 5}, {7, 7}};
  uint64_t state = seed;
  struct conv_case c = {.tier = tier, .seed = seed, .in = 1, .dilation_height = 1, .dilation_width = 1};
  c.groups = channels[random_between(&state, 0, (int32_t)(sizeof channels / sizeof channels[0]) - 1)];
  c.out = random_between(&state, 0, 2) ? 1 : random_between(&state, 2, c.groups > 32 ? 4 : 18);
  do {
    const int32_t *window =
        windows[random_between(&state, 0, (int32_t)(sizeof windows / sizeof windows[0]) - 1)];
    c.kernel_height = window[0];
    c.kernel_width = window[1];
    c.stride_height = random_between(&state, 1, 2);
    c.stride_width = random_between(&state, 0, 3) ? c.stride_height : random_between(&state, 1, 3);
    c.height = random_between(&state, 1, 10);
    c.width = random_between(&state, 1, 24);
    c.top = random_between(&state, -1, 3);
    c.left = random_between(&state, -1, 3);
    c.out_height =
        outputs(c.height, c.kernel_height, c.stride_height, 1, c.top + random_between(&state, 0, 3));
    c.out_width = outputs(c.width, c.kernel_width, c.stride_width, 1, c.left + random_between(&state, 0, 3));
  } while (c.out_height == 0 || c.out_width == 0);
  if (random_between(&state, 0, 5) == 0) {
    c.step_height = random_between(&state, 1, 3);
    c.step_width = random_between(&state, 1, 3);
  }
  if (random_between(&state, 0, 3) == 0) {
    c.frame_rows = c.kernel_height;
    c.kernel_height *= random_between(&state, 1, 3);
    c.depth = random_between(&state, 1, 4);
    c.first_frame = random_between(&state, -3, 4);
    c.dilation_depth = random_between(&state, 1, 2);
  }
  random_numbers(&c, &state);
  if (random_between(&state, 0, 1)) {
    /* What the fused kernels take. */
    c.weight_zero_points = 0;
    c.weight_type = OCTET_S8;
    c.dst_type = random_between(&state, 0, 3) ? c.src_type : OCTET_U8 + OCTET_S8 - c.src_type;
    const int32_t lowest = c.dst_type == OCTET_S8 ? -128 : 0;
    c.zero_point = random_zero_point(&state, c.dst_type);
    c.low = (float)(lowest - c.zero_point);
    c.high = (float)(lowest + 255 - c.zero_point);
  }
  return c;
}

/* Lines of one tile, whose outer taps lie in the padding. */
static struct conv_case random_line(int32_t tier, uint64_t seed) {
  uint64_t state = seed;
  struct conv_case c = {.tier = tier, .seed = seed, .groups = 1, .dilation_height = 1, .dilation_width = 1};
  c.in = random_between(&state, 0, 5) ? random_between(&state, 1, 18) * 4 : random_between(&state, 1, 70);
  c.out = random_between(&state, 1, 140);
  c.kernel_height = random_between(&state, 1, 4);
  c.kernel_width = 3;
  c.stride_height = random_between(&state, 1, 2);
  c.stride_width = 1;
  c.height = random_between(&state, 1, 8);
  c.out_width =
      random_between(&state, 0, 5) ? random_between(&state, 1, 2) * 7 : random_between(&state, 5, 16);
  c.width = c.out_width + (random_between(&state, 0, 3) ? 0 : random_between(&state, -1, 1));
  c.top = random_between(&state, 0, 2);
  c.left = random_between(&state, 0, 5) ? 1 : random_between(&state, 0, 2);
  c.out_height = outputs(c.height + 4, c.kernel_height, c.stride_height, 1, c.top);
  random_numbers(&c, &state);
  c.weight_type = OCTET_S8;
  c.weight_zero_points = 0;
  c.dst_type = random_between(&state, 0, 5) ? c.src_type : c.dst_type;
  if (c.dst_type == OCTET_U8 || c.dst_type == OCTET_S8) {
    const int32_t lowest = c.dst_type == OCTET_S8 ? -128 : 0;
    c.zero_point = random_zero_point(&state, c.dst_type);
    c.low = (float)(lowest - c.zero_point);
    c.high = (float)(lowest + 255 - c.zero_point);
  }
  if (random_between(&state, 0, 4)) {
    /* Padding that is 0 as U8. */
    c.input_zero_point = c.src_type == OCTET_S8 ? -128 : 0;
  }
  return c;
}

/* What does not fit into one block: lines, columns, windows, interleaved columns. */
static void check_large(int32_t tier) {
  /* Height, width, channels in, out, groups, kernel, stride, padding. */
  static const int32_t cases[][11] = {
      {3, 3000, 40, 3, 1, 3, 3, 1, 1, 1, 1}, {200, 70, 20, 5, 1, 2, 2, 1, 2, 0, 0},
      {9, 9, 3000, 2, 1, 9, 8, 1, 1, 4, 3},  {70, 80, 1, 2, 1, 1, 1, 1, 1, 1, 0},
      {5, 700, 1, 1, 70, 3, 3, 1, 1, 1, 1},  {5, 400, 1, 1, 20, 5, 9, 2, 3, 2, 3},
      {2, 300, 1, 1, 3, 1, 200, 1, 1, 0, 60}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const int32_t *n = cases[i];
    struct conv_case c = {.height = n[0],
                          .width = n[1],
                          .in = n[2],
                          .out = n[3],
                          .groups = n[4],
                          .kernel_height = n[5],
                          .kernel_width = n[6],
                          .stride_height = n[7],
                          .stride_width = n[8],
                          .top = n[9],
                          .left = n[10]};
    uint64_t state = 77 + i;
    c.tier = tier;
    c.seed = 77 + i;
    c.dilation_height = c.dilation_width = 1;
    c.out_height = outputs(c.height, c.kernel_height, c.stride_height, 1, 2 * c.top);
    c.out_width = outputs(c.width, c.kernel_width, c.stride_width, 1, 2 * c.left);
    if (is_in_share(c.seed)) {
      random_numbers(&c, &state);
      check_case(&c);
    }
  }
}

int main(int count, char **arguments) {
  const uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 20261128;
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (!tier_runs_here(tier)) {
      printf("%s: not here\n", tier_name(tier));
      continue;
    }
    for (int32_t i = 0; i < share_of(600); i++) {
      const struct conv_case c = random_case(tier, seed * 100000 + (uint64_t)i);
      check_case(&c);
    }
    for (int32_t i = 0; i < share_of(500); i++) {
      const struct conv_case c = random_depthwise(tier, seed * 100000 + (uint64_t)i);
      check_case(&c);
    }
    for (int32_t i = 0; i < share_of(200); i++) {
      const struct conv_case c = random_line(tier, seed * 100000 + (uint64_t)i);
      check_case(&c);
    }
    check_large(tier);
  }
  return check_result("conv2d");
}
