/* Float rows times weights in block formats that become floats. Few rows: a panel's weights are streamed
   once, made floats in registers and used by up to 4 rows; the sum of a group is scaled, and the minimum
   multiplied by the sum of the row's 32. More rows: 128 k of a panel at a time become floats in L1 cache,
   scaled, from which a tile of rows multiplies them. Included with the vector type (group_512.h,
   group_256.h), block_weights.inc.h and OCTET_TILE_ROWS: 12 or 6, rows of a tile; struct decoder and
   decoder_of(format), what makes floats of a format's weights; takes_nibbles(format): whether they are made
   of packed nibbles, rather than of bytes; decoded(format, packed, i, half, decoder): weight i of the four of
   a half octet, its offset taken away. */
#include "kernels.h"
#include "weight_only_tile.inc.h"

enum {
  /* Of K at a time, whose sums by groups are 2 KB of stack; a multiple of every stretch. */
  SLICE = 4096,
  SLICE_GROUPS = SLICE / BLOCK_GROUP
};

/* A slice of K. */
struct slice {
  int32_t first;
  int32_t groups;
  int32_t is_last;
};

static inline struct slice slice_from(const struct octet_group_matmul *product, int32_t first) {
  const int32_t left = product->k - first;
  struct slice slice;
  slice.first = first;
  slice.groups = (left < SLICE ? left : SLICE) / BLOCK_GROUP;
  slice.is_last = left <= SLICE;
  return slice;
}

/* The packed weights of a slice from the panel of a column on. */
ALWAYS_INLINE const uint8_t *slice_at(int32_t format, const struct octet_group_matmul *product,
                                      const struct slice *slice, int32_t column) {
  return (const uint8_t *)product->weights +
         column / PANEL_COLUMNS * block_panel_bytes(format, product->k, PANEL_COLUMNS) +
         block_panel_bytes(format, slice->first, PANEL_COLUMNS);
}

/* Half an octet of a vector of columns, as decoded takes it. */
ALWAYS_INLINE lanes half_octet(int32_t format, const uint8_t *weights, lanes table, int32_t o, int32_t half,
                               int32_t v) {
  if (format == OCTET_BLOCK_Q8_0) {
    return load_lanes(weights + o * 8 * PANEL_COLUMNS + (2 * half + v) * VECTOR_BYTES);
  }
  const lanes both =
      load_lanes(weights + (block_above_bytes(format) + 4 * o) * PANEL_COLUMNS + v * VECTOR_BYTES);
  if (takes_nibbles(format)) {
    return both;
  }
  return completed(format, half_of(format, both, half), table, weights + v * VECTOR_BYTES, o, half);
}

/* Half an octet of up to four rows, times weights without their scale; parts as in weight_only.inc.h. */
ALWAYS_INLINE void stream_half(int32_t format, int32_t rows, int32_t parts, const uint8_t *weights,
                               lanes table, const struct decoder *decoder, int32_t o, int32_t half,
                               const float *x, int64_t stride, floats sums[][2][4]) {
  const lanes c0 = half_octet(format, weights, table, o, half, 0);
  const lanes c1 = half_octet(format, weights, table, o, half, 1);
#pragma GCC unroll 4
  for (int32_t i = 0; i < 4; i++) {
    const floats w0 = decoded(format, c0, i, half, decoder);
    const floats w1 = decoded(format, c1, i, half, decoder);
#pragma GCC unroll 4
    for (int32_t r = 0; r < rows; r++) {
      const floats a = floats_of(load_float(x, r * stride + 8 * o + 4 * half + i));
      sums[r][0][i % parts] = fused(a, w0, sums[r][0][i % parts]);
      sums[r][1][i % parts] = fused(a, w1, sums[r][1][i % parts]);
    }
  }
}

ALWAYS_INLINE void stream_octet(int32_t format, int32_t rows, int32_t parts, const uint8_t *weights,
                                lanes table, const struct decoder *decoder, int32_t o, const float *x,
                                int64_t stride, floats sums[][2][4]) {
  stream_half(format, rows, parts, weights, table, decoder, o, 0, x, stride, sums);
  stream_half(format, rows, parts, weights, table, decoder, o, 1, x, stride, sums);
}

/* Whether the octets of a group are a loop, which is shorter code: not where bits above the nibbles are
   shifted by constants, nor where it would have two rounds. */
static inline int is_loop(int32_t format) {
  return block_above_bytes(format) == 0 && block_scales(format) == 1;
}

/* Some octets of a group. */
ALWAYS_INLINE void stream_octets(int32_t format, int32_t rows, int32_t parts, const uint8_t *weights,
                                 lanes table, const struct decoder *decoder, int32_t first, int32_t end,
                                 const float *x, int64_t stride, floats sums[][2][4]) {
  if (is_loop(format)) {
#pragma GCC unroll 1
    for (int32_t o = first; o < end; o++) {
      stream_octet(format, rows, parts, weights, table, decoder, o, x, stride, sums);
    }
  } else {
#pragma GCC unroll 4
    for (int32_t o = first; o < end; o++) {
      stream_octet(format, rows, parts, weights, table, decoder, o, x, stride, sums);
    }
  }
}

/* The sums of a row's groups of 32. */
static void sum_groups(const float *x, int32_t groups, float *sums) {
  for (int32_t g = 0; g < groups; g++) {
    float parts[8] = {0};
    for (int32_t i = 0; i < BLOCK_GROUP; i++) {
      parts[i % 8] += load_float(x, g * BLOCK_GROUP + i);
    }
    sums[g] =
        ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
  }
}

/* Adds a slice to what dst holds, or begins with it; the last one finishes the results. */
ALWAYS_INLINE void stream_panel(int32_t format, int32_t rows, const struct octet_group_matmul *product,
                                const struct slice *slice, const struct decoder *decoder, const uint8_t *at,
                                float group_sums[][SLICE_GROUPS], const float *x, int64_t x_stride,
                                float *dst, int64_t dst_stride, int32_t column, int32_t end) {
  const int32_t steps = block_scales(format);
  const int32_t parts = rows == 4 ? 1 : rows == 2 || steps == 2 ? 2 : 4;
  const int32_t held = slice->first == 0 ? 0 : end - column;
  const lanes table = table_of(format);
  floats y[STREAM_ROWS][2];
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
#pragma GCC unroll 2
    for (int32_t v = 0; v < 2; v++) {
      y[r][v] = load_first(dst + r * dst_stride + column + v * VECTOR_COLUMNS, held - v * VECTOR_COLUMNS);
    }
  }
  const uint8_t *head = at;
  for (int32_t g = 0; g < slice->groups; g++, x += BLOCK_GROUP) {
    if (g % block_stretch(format) == 0) {
      head = at;
      at += block_head_bytes(format) * PANEL_COLUMNS;
    }
#pragma GCC unroll 2
    for (int32_t step = 0; step < steps; step++) {
      floats sums[STREAM_ROWS][2][4];
#pragma GCC unroll 4
      for (int32_t r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int32_t part = 0; part < parts; part++) {
          sums[r][0][part] = sums[r][1][part] = floats_of(0);
        }
      }
      stream_octets(format, rows, parts, at + block_scale_bytes(format) * PANEL_COLUMNS, table, decoder,
                    step * OCTETS / steps, (step + 1) * OCTETS / steps, x, x_stride, sums);
#pragma GCC unroll 2
      for (int32_t v = 0; v < 2; v++) {
        const int32_t c = v * VECTOR_COLUMNS;
        const floats scale = scales_of(format, head, g, at, step, c, load_head(format, head, 0, c));
#pragma GCC unroll 4
        for (int32_t r = 0; r < rows; r++) {
          y[r][v] = fused(sum_of(parts, sums[r][v]), scale, y[r][v]);
        }
      }
    }
    if (block_has_minimum(format)) {
#pragma GCC unroll 2
      for (int32_t v = 0; v < 2; v++) {
        const int32_t c = v * VECTOR_COLUMNS;
        const floats minimum = minimums_of(format, at, c, load_head(format, head, 1, c));
#pragma GCC unroll 4
        for (int32_t r = 0; r < rows; r++) {
          y[r][v] = fused(minimum, floats_of(group_sums[r][g]), y[r][v]);
        }
      }
    }
    /* Four rows on AVX2: 8 to 50 % less time for what is a loop of octets, 15 % more for others. */
    if (is_loop(format)) {
      KEEP_IN_MEMORY(y);
    }
    at += block_group_bytes(format) * PANEL_COLUMNS;
  }
  end_stream(product, slice->is_last, rows, y, dst, dst_stride, column, end);
}

/* Up to four rows; for is_mild floats. */
ALWAYS_INLINE void stream(int32_t format, int32_t rows, const struct octet_group_matmul *product,
                          const float *x, int64_t x_stride, float *dst, int64_t dst_stride,
                          int32_t first_column, int32_t end) {
  const struct decoder decoder = decoder_of(format);
  float group_sums[STREAM_ROWS][SLICE_GROUPS];
  for (int32_t first = 0; first < product->k; first += SLICE) {
    const struct slice slice = slice_from(product, first);
    for (int32_t r = 0; block_has_minimum(format) && r < rows; r++) {
      sum_groups(x + r * x_stride + first, slice.groups, group_sums[r]);
    }
    for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
      stream_panel(format, rows, product, &slice, &decoder, slice_at(format, product, &slice, column),
                   group_sums, x + first, x_stride, dst, dst_stride, column, end);
    }
  }
}

/* An octet to floats, [8][PANEL_COLUMNS]. */
ALWAYS_INLINE void expand(int32_t format, const uint8_t *weights, lanes table, const struct decoder *decoder,
                          int32_t o, const floats *scales, const floats *minimums, float *to) {
#pragma GCC unroll 8
  for (int32_t i = 0; i < 8; i++) {
#pragma GCC unroll 2
    for (int32_t v = 0; v < 2; v++) {
      const floats w =
          decoded(format, half_octet(format, weights, table, o, i / 4, v), i % 4, i / 4, decoder);
      store_floats(to + i * PANEL_COLUMNS + v * VECTOR_COLUMNS,
                   block_has_minimum(format) ? fused(w, scales[v], minimums[v]) : multiplied(w, scales[v]));
    }
  }
}

/* A group to floats, [32][PANEL_COLUMNS]: scale * q is exact, so that a minimum is added by one rounding. */
ALWAYS_INLINE void expand_group(int32_t format, const uint8_t *head, const uint8_t *at, int32_t group,
                                lanes table, const struct decoder *decoder, float *to) {
  const uint8_t *weights = at + block_scale_bytes(format) * PANEL_COLUMNS;
  const int32_t steps = block_scales(format);
  floats scales[2][2];
  floats minimums[2];
#pragma GCC unroll 2
  for (int32_t v = 0; v < 2; v++) {
    const int32_t c = v * VECTOR_COLUMNS;
#pragma GCC unroll 2
    for (int32_t step = 0; step < steps; step++) {
      scales[step][v] = scales_of(format, head, group, at, step, c, load_head(format, head, 0, c));
    }
    minimums[v] =
        block_has_minimum(format) ? minimums_of(format, at, c, load_head(format, head, 1, c)) : floats_of(0);
  }
#pragma GCC unroll 4
  for (int32_t o = 0; o < OCTETS; o++) {
    expand(format, weights, table, decoder, o, scales[o * steps / OCTETS], minimums,
           to + 8 * o * PANEL_COLUMNS);
  }
}

ALWAYS_INLINE void by_chunks(int32_t format, const struct octet_group_matmul *product, const float *x,
                             int64_t x_stride, float *dst, int64_t dst_stride, int32_t rows, int32_t column,
                             int32_t end) {
  const struct decoder decoder = decoder_of(format);
  const lanes table = table_of(format);
  const int64_t panel = block_panel_bytes(format, product->k, PANEL_COLUMNS);
  _Alignas(64) float chunk[CHUNK * PANEL_COLUMNS];
  for (; column < end; column += PANEL_COLUMNS) {
    const uint8_t *at = (const uint8_t *)product->weights + column / PANEL_COLUMNS * panel;
    const uint8_t *head = at;
    for (int32_t first = 0; first < product->k; first += CHUNK) {
      const int32_t count = product->k - first < CHUNK ? product->k - first : CHUNK;
      for (int32_t i = 0; i < count; i += BLOCK_GROUP) {
        const int32_t g = (first + i) / BLOCK_GROUP;
        if (g % block_stretch(format) == 0) {
          head = at;
          at += block_head_bytes(format) * PANEL_COLUMNS;
        }
        expand_group(format, head, at, g, table, &decoder, chunk + i * PANEL_COLUMNS);
        at += block_group_bytes(format) * PANEL_COLUMNS;
      }
      multiply_rows(product, chunk, first, count, x, x_stride, dst, dst_stride, rows, column, end);
    }
  }
}

ALWAYS_INLINE void run_format(int32_t format, const struct octet_group_matmul *product, const float *src,
                              int64_t src_stride, float *dst, int64_t dst_stride, int32_t rows,
                              int32_t first_column, int32_t end) {
  if (rows > STREAM_ROWS || !is_mild(product, src, src_stride, rows)) {
    by_chunks(format, product, src, src_stride, dst, dst_stride, rows, first_column, end);
    return;
  }
  /* Three rows are two and one: a tile of three more for each format would be for them alone. */
  if (rows == 4) {
    stream(format, 4, product, src, src_stride, dst, dst_stride, first_column, end);
    return;
  }
  if (rows >= 2) {
    stream(format, 2, product, src, src_stride, dst, dst_stride, first_column, end);
  }
  if (rows % 2 == 1) {
    const int32_t last = rows - 1;
    stream(format, 1, product, src + last * src_stride, src_stride, dst + last * dst_stride, dst_stride,
           first_column, end);
  }
}

/* Each format in a function of its own. */
#define OCTET_BLOCK_RUN(format)                                                                           \
  static __attribute__((noinline)) void run_##format(                                                     \
      const struct octet_group_matmul *product, const float *src, int64_t src_stride, float *dst,         \
      int64_t dst_stride, int32_t rows, int32_t first_column, int32_t end) {                              \
    run_format(OCTET_BLOCK_##format, product, src, src_stride, dst, dst_stride, rows, first_column, end); \
  }

OCTET_BLOCK_FORMATS(OCTET_BLOCK_RUN)

static void run(const struct octet_group_matmul *product, const void *src, int64_t src_stride, void *dst,
                int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns) {
#define OCTET_BLOCK_CASE(format)                                                                         \
  case OCTET_BLOCK_##format:                                                                             \
    run_##format(product, src, src_stride, dst, dst_stride, rows, first_column, first_column + columns); \
    break;
  switch (product->type) {
    OCTET_BLOCK_FORMATS(OCTET_BLOCK_CASE)
    default:
      break;
  }
}
