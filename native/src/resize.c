/* Resizes of 8-bit images: where pixels lie, the kernel of a tier, and its way through lines. */
#include "resize.h"

#include "kernels.h"
#include "tiers.h"

#if defined(__x86_64__)
#define LINEAR(name)                                                        \
  {                                                                         \
    KERNEL_octet_##name##_1x16__baseline, KERNEL_octet_##name##_1x16__avx2, \
        KERNEL_octet_##name##_1x16__avx512vnni                              \
  }
#define NEAREST(name) \
  { KERNEL_octet_##name##_1x16__baseline, KERNEL_octet_##name##_1x16__avx2, KERNEL_octet_##name##_1x16__avx2 }
#else
#define LINEAR(name) \
  { KERNEL_octet_##name##_1x16__baseline }
#define NEAREST(name) LINEAR(name)
#endif

/* Which kernel, by row of the tier. */
static const int32_t NEAREST_KERNELS[ROWS] = NEAREST(u8_u8_pt_nearest_resize);
static const int32_t LINEAR_KERNELS[2][ROWS] = {
    [OCTET_U8] = LINEAR(u8_u8_pt_linear_resize),
    [OCTET_S8] = LINEAR(s8_s8_pt_linear_resize),
};

/* How far from the middle between two pixels a coordinate still counts as the middle. */
static const float MIDDLE = 1e-6f;

/* An axis: its pixels before and after, and the scale of coordinates. */
struct axis {
  int32_t coordinates;
  int32_t in;
  int32_t out;
  float scale;
  /* Whether no axis changes. */
  int kept;
};

static struct axis axis_of(const struct octet_resize *plan, float scale, int32_t in, int32_t out, int kept) {
  return (struct axis){plan->coordinates, in, out, scale == 0 ? (float)out / (float)in : scale, kept};
}

static float coordinate(const struct axis *axis, int32_t o) {
  float x = 0;
  if (axis->kept) {
    return (float)o;
  }
  switch (axis->coordinates) {
    case OCTET_ASYMMETRIC:
      x = (float)o / axis->scale;
      break;
    case OCTET_ALIGN_CORNERS:
      x = axis->out == 1 ? 0 : (float)o * (float)(axis->in - 1) / (float)(axis->out - 1);
      break;
    default:
      x = axis->coordinates == OCTET_PYTORCH_HALF_PIXEL && axis->out == 1
              ? 0
              : ((float)o + 0.5f) / axis->scale - 0.5f;
  }
  const float last = (float)(axis->in - 1);
  return x > 0 ? (x < last ? x : last) : 0;
}

static int32_t nearest(int32_t mode, float x) {
  const int32_t before = (int32_t)x;
  const float rest = x - (float)before;
  const int middle = rest - 0.5f < MIDDLE && rest - 0.5f > -MIDDLE;
  switch (mode) {
    case OCTET_RESIZE_CEIL:
      return before + (rest > 0);
    case OCTET_RESIZE_ROUND_PREFER_FLOOR:
      return before + (rest > 0.5f && !middle);
    case OCTET_RESIZE_ROUND_PREFER_CEIL:
      return before + (rest >= 0.5f || middle);
    default:
      return before;
  }
}

/* The two pixels that a coordinate lies between, and their weights. */
struct pair {
  int32_t first;
  int32_t second;
  float first_weight;
  float second_weight;
};

static struct pair pair_at(const struct axis *axis, int32_t o) {
  const float x = coordinate(axis, o);
  const int32_t first = (int32_t)x;
  if (first == axis->in - 1) {
    return (struct pair){first, first, 0.5f, 0.5f};
  }
  return (struct pair){first, first + 1, (float)(first + 1) - x, x - (float)first};
}

/* Blocks of a line, 0 where pixels are done one by one. */
static int64_t blocks_of(int64_t elements, int32_t channels) {
  return channels < RESIZE_BLOCK ? (elements + RESIZE_BLOCK - 1) / RESIZE_BLOCK : 0;
}

int32_t octet_resize_kernel(int32_t tier, int32_t mode, int32_t type) {
  const int is_mode = mode >= OCTET_RESIZE_LINEAR && mode <= OCTET_RESIZE_ROUND_PREFER_CEIL;
  if (!is_mode || (type != OCTET_U8 && type != OCTET_S8)) {
    return -1;
  }
  return kernel_of_tier(mode == OCTET_RESIZE_LINEAR ? LINEAR_KERNELS[type] : NEAREST_KERNELS, tier);
}

/* Where the parts of a table begin, in bytes; each is a multiple of 4. The first number says how many pieces
   blocks have. */
struct parts {
  int64_t first;
  int64_t second;
  int64_t first_weights;
  int64_t second_weights;
  int64_t first_factors;
  int64_t second_factors;
  int64_t first_bases;
  int64_t second_bases;
  int64_t first_indexes;
  int64_t second_indexes;
  int64_t end;
};

static struct parts parts_of(const struct octet_resize *plan, int32_t channels, int32_t out_width) {
  const int64_t elements = (int64_t)out_width * channels;
  const int64_t blocks = blocks_of(elements, channels);
  const int64_t pixels = (int64_t)out_width * (int64_t)sizeof(int32_t);
  const int64_t factors = blocks == 0 ? 0 : elements * (int64_t)sizeof(float);
  const int64_t bases = blocks * (int64_t)sizeof(int32_t);
  const int64_t indexes = blocks * RESIZE_PIECES * RESIZE_BLOCK;
  const int64_t twice = plan->mode == OCTET_RESIZE_LINEAR;
  struct parts parts = {.first = sizeof(int32_t)};
  parts.second = parts.first + pixels;
  parts.first_weights = parts.second + twice * pixels;
  parts.second_weights = parts.first_weights + twice * pixels;
  parts.first_factors = parts.second_weights + twice * pixels;
  parts.second_factors = parts.first_factors + twice * factors;
  parts.first_bases = parts.second_factors + twice * factors;
  parts.second_bases = parts.first_bases + bases;
  parts.first_indexes = parts.second_bases + twice * bases;
  parts.second_indexes = parts.first_indexes + indexes;
  parts.end = parts.second_indexes + twice * indexes;
  return parts;
}

int64_t octet_resize_table_bytes(const struct octet_resize *plan, int32_t channels, int32_t out_width) {
  return parts_of(plan, channels, out_width).end;
}

/* A line of narrow pixels. */
struct line {
  int64_t channels;
  int64_t bytes;
  int64_t elements;
};

/* The bytes of a line that a block is made of; returns the least. */
static int64_t bytes_of(const struct line *line, const int32_t *pixels, int64_t block,
                        int64_t bytes[RESIZE_BLOCK]) {
  const int64_t end = (block + 1) * RESIZE_BLOCK;
  const int64_t start = (end < line->elements ? end : line->elements) - RESIZE_BLOCK;
  int64_t pixel = start / line->channels;
  int64_t channel = start % line->channels;
  int64_t least = line->bytes;
  for (int i = 0; i < RESIZE_BLOCK; i++) {
    bytes[i] = pixels[pixel] * line->channels + channel;
    least = bytes[i] < least ? bytes[i] : least;
    channel++;
    if (channel == line->channels) {
      channel = 0;
      pixel++;
    }
  }
  return least;
}

/* How many pieces hold the bytes of any block; 0 where they are too many, or the line is shorter. */
static int32_t pieces_of(const struct line *line, const int32_t *pixels, int64_t blocks) {
  int64_t most = 0;
  for (int64_t block = 0; block < blocks; block++) {
    int64_t bytes[RESIZE_BLOCK];
    const int64_t least = bytes_of(line, pixels, block, bytes);
    for (int i = 0; i < RESIZE_BLOCK; i++) {
      most = bytes[i] - least > most ? bytes[i] - least : most;
    }
  }
  for (int32_t pieces = 1; pieces <= RESIZE_PIECES; pieces *= 2) {
    if (most < pieces * RESIZE_BLOCK) {
      return line->bytes < pieces * RESIZE_BLOCK ? 0 : pieces;
    }
  }
  return 0;
}

static void fill_blocks(const struct line *line, const int32_t *pixels, int64_t blocks, int32_t pieces,
                        int32_t *bases, uint8_t *indexes) {
  for (int64_t block = 0; block < blocks; block++) {
    int64_t bytes[RESIZE_BLOCK];
    const int64_t least = bytes_of(line, pixels, block, bytes);
    /* No piece goes beyond the line. */
    const int64_t last = line->bytes - pieces * RESIZE_BLOCK;
    const int64_t base = least < last ? least : last;
    bases[block] = (int32_t)base;
    for (int32_t piece = 0; piece < pieces; piece++) {
      for (int i = 0; i < RESIZE_BLOCK; i++) {
        const int64_t index = bytes[i] - base - piece * RESIZE_BLOCK;
        *indexes++ = (uint8_t)(index >= 0 && index < RESIZE_BLOCK ? index : RESIZE_ELSEWHERE);
      }
    }
  }
}

static void fill_factors(const float *weights, int32_t pixels, int32_t channels, float *factors) {
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    for (int64_t channel = 0; channel < channels; channel++) {
      factors[pixel * channels + channel] = weights[pixel];
    }
  }
}

void octet_resize_table(const struct octet_resize *plan, int32_t height, int32_t width, int32_t channels,
                        int32_t out_height, int32_t out_width, void *table) {
  const struct parts parts = parts_of(plan, channels, out_width);
  const int kept = height == out_height && width == out_width;
  const struct axis axis = axis_of(plan, plan->width_scale, width, out_width, kept);
  const struct line line = {channels, (int64_t)width * channels, (int64_t)out_width * channels};
  const int64_t blocks = line.elements < RESIZE_BLOCK ? 0 : blocks_of(line.elements, channels);
  char *to = table;
  int32_t *pieces = (int32_t *)(void *)to;
  int32_t *first = (int32_t *)(void *)(to + parts.first);
  int32_t *first_bases = (int32_t *)(void *)(to + parts.first_bases);
  uint8_t *first_indexes = (uint8_t *)to + parts.first_indexes;
  if (plan->mode != OCTET_RESIZE_LINEAR) {
    for (int32_t o = 0; o < out_width; o++) {
      first[o] = nearest(plan->mode, coordinate(&axis, o));
    }
    *pieces = blocks == 0 ? 0 : pieces_of(&line, first, blocks);
    fill_blocks(&line, first, *pieces == 0 ? 0 : blocks, *pieces, first_bases, first_indexes);
    return;
  }
  int32_t *second = (int32_t *)(void *)(to + parts.second);
  float *first_weights = (float *)(void *)(to + parts.first_weights);
  float *second_weights = (float *)(void *)(to + parts.second_weights);
  for (int32_t o = 0; o < out_width; o++) {
    const struct pair pair = pair_at(&axis, o);
    first[o] = pair.first;
    second[o] = pair.second;
    first_weights[o] = pair.first_weight;
    second_weights[o] = pair.second_weight;
  }
  *pieces = 0;
  if (blocks > 0) {
    fill_factors(first_weights, out_width, channels, (float *)(void *)(to + parts.first_factors));
    fill_factors(second_weights, out_width, channels, (float *)(void *)(to + parts.second_factors));
    /* The second pixels of a block are no farther apart than the first ones, or are one. */
    *pieces = pieces_of(&line, first, blocks);
    fill_blocks(&line, first, *pieces == 0 ? 0 : blocks, *pieces, first_bases, first_indexes);
    fill_blocks(&line, second, *pieces == 0 ? 0 : blocks, *pieces,
                (int32_t *)(void *)(to + parts.second_bases), (uint8_t *)to + parts.second_indexes);
  }
}

static struct resize_columns columns_of(const struct octet_resize *plan, const char *table, int32_t channels,
                                        int32_t out_width) {
  const struct parts parts = parts_of(plan, channels, out_width);
  return (struct resize_columns){.channels = channels,
                                 .pixels = out_width,
                                 .elements = (int64_t)out_width * channels,
                                 .first = (const void *)(table + parts.first),
                                 .second = (const void *)(table + parts.second),
                                 .first_weights = (const void *)(table + parts.first_weights),
                                 .second_weights = (const void *)(table + parts.second_weights),
                                 .pieces = *(const int32_t *)(const void *)table,
                                 .first_blocks = {(const void *)(table + parts.first_bases),
                                                  (const void *)(table + parts.first_indexes)},
                                 .second_blocks = {(const void *)(table + parts.second_bases),
                                                   (const void *)(table + parts.second_indexes)},
                                 .first_factors = (const void *)(table + parts.first_factors),
                                 .second_factors = (const void *)(table + parts.second_factors)};
}

void octet_resize_run(const struct octet_resize *plan, const void *table, const void *src, void *dst,
                      int32_t height, int32_t width, int32_t channels, int32_t out_height, int32_t out_width,
                      int64_t first_line, int64_t lines) {
  const int linear = plan->mode == OCTET_RESIZE_LINEAR;
  if (linear ? !OCTET_IS_KERNEL(linear_kernel, plan->kernel)
             : !OCTET_IS_KERNEL(nearest_kernel, plan->kernel)) {
    return;
  }
  const struct resize_columns columns = columns_of(plan, table, channels, out_width);
  const int kept = height == out_height && width == out_width;
  const struct axis axis = axis_of(plan, plan->height_scale, height, out_height, kept);
  const int64_t line_bytes = (int64_t)width * channels;
  for (int64_t line = first_line; line < first_line + lines; line++) {
    const char *image = (const char *)src + line / out_height * height * line_bytes;
    const int32_t o = (int32_t)(line % out_height);
    char *to = (char *)dst + line * columns.elements;
    if (linear) {
      const struct pair rows = pair_at(&axis, o);
      OCTET_KERNEL(linear_kernel, plan->kernel)
      (&columns, image + rows.first * line_bytes, image + rows.second * line_bytes, rows.first_weight,
       rows.second_weight, to);
    } else {
      const int64_t row = nearest(plan->mode, coordinate(&axis, o));
      OCTET_KERNEL(nearest_kernel, plan->kernel)(&columns, image + row * line_bytes, to);
    }
  }
}
