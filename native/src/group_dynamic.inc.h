/* Rows quantized by group times weights in groups: a tile of rows and two vectors of columns. Included with
   the vector type (group_512.h, group_256.h) and OCTET_TILE_ROWS: 6 or 4, rows of a tile;
   OCTET_SHORT_TILE_ROWS: those of 4-bit weights in groups of 32, or 0: they have no tiles of their own;
   QUANTIZE: the kernel that quantizes rows; KEEP_IN_MEMORY(y): nothing, or makes the float sums live in
   memory, where there are too few registers; multiply_octets(bits, rows, sums, weights, octets, values,
   stride), which adds the products of up to four octets to sums; weight_offset(bits), by which its weights
   are less than the packed ones; operand_zero_points(bits, packed), their zero points. */
#include "group_finish.inc.h"
#include "group_rows.h"
#include "group_sums.inc.h"
#include "kernels.h"

enum { TILE_ROWS = OCTET_TILE_ROWS, STEP_OCTETS = 4 };

/* Rows times one or two panels; bits, rows and panels are constants where this is inlined. A single row takes
   two panels at a time: more of what is far away is asked for at once. */
ALWAYS_INLINE void tile(int32_t bits, int32_t rows, int32_t panels, const struct octet_group_matmul *product,
                        const struct group_layout *layout, const struct group_rows *from, int32_t first_row,
                        const uint8_t *block, float *dst, int64_t dst_stride, int32_t column, int32_t end) {
  const int32_t groups = layout->groups;
  const int8_t *values = from->values + first_row * from->stride;
  const float *row_scales = from->scales + (int64_t)first_row * groups;
  const int32_t *starts = from->starts + (int64_t)first_row * groups;
  /* Row r of panel p is at p * rows + r. */
  floats y[TILE_ROWS][2];
#pragma GCC unroll 6
  for (int32_t i = 0; i < rows * panels; i++) {
    y[i][0] = y[i][1] = floats_of(0);
  }
  for (int32_t g = 0; g < groups; g++) {
    lanes sums[TILE_ROWS][2];
#pragma GCC unroll 2
    for (int32_t p = 0; p < panels; p++) {
      begin_sums(bits, rows, layout, block + p * layout->panel, starts + g, groups, sums + p * rows);
    }
    const uint8_t *weights = block + layout->scales + layout->zero_points;
    const int32_t octets = g + 1 < groups ? layout->octets : layout->last_octets;
    int32_t o = 0;
    for (; o <= octets - STEP_OCTETS; o += STEP_OCTETS) {
#pragma GCC unroll 2
      for (int32_t p = 0; p < panels; p++) {
        multiply_octets(bits, rows, sums + p * rows, weights + p * layout->panel, STEP_OCTETS, values,
                        from->stride);
      }
      weights += STEP_OCTETS * layout->octet;
      values += STEP_OCTETS * 8;
    }
    for (; o < octets; o++) {
#pragma GCC unroll 2
      for (int32_t p = 0; p < panels; p++) {
        multiply_octets(bits, rows, sums + p * rows, weights + p * layout->panel, 1, values, from->stride);
      }
      weights += layout->octet;
      values += 8;
    }
#pragma GCC unroll 2
    for (int32_t p = 0; p < panels; p++) {
      const floats s0 = load_scales(layout->scale_type, block + p * layout->panel, 0);
      const floats s1 = load_scales(layout->scale_type, block + p * layout->panel, VECTOR_COLUMNS);
#pragma GCC unroll 6
      for (int32_t r = 0; r < rows; r++) {
        const int32_t i = p * rows + r;
        const floats scale = floats_of(row_scales[r * groups + g]);
        y[i][0] = fused(floats_of_lanes(sums[i][0]), multiplied(scale, s0), y[i][0]);
        y[i][1] = fused(floats_of_lanes(sums[i][1]), multiplied(scale, s1), y[i][1]);
      }
    }
    KEEP_IN_MEMORY(y);
    block = weights;
  }
  end_tile(product, 1, rows, panels, y, dst + first_row * dst_stride, dst_stride, column, end);
}

/* All rows that are quantized times all panels, in tiles of so many rows, a constant. */
ALWAYS_INLINE void multiply_panels(int32_t bits, int32_t tile_rows, const struct octet_group_matmul *product,
                                   const struct group_layout *layout, const struct group_rows *from,
                                   int32_t rows, float *dst, int64_t dst_stride, int32_t column,
                                   int32_t end) {
  for (; column < end; column += PANEL_COLUMNS) {
    const uint8_t *panel = group_panel(product, layout, column);
    int32_t r = 0;
    for (; r <= rows - tile_rows; r += tile_rows) {
      tile(bits, tile_rows, 1, product, layout, from, r, panel, dst, dst_stride, column, end);
    }
#define OCTET_TILE(count)                                                                  \
  case count:                                                                              \
    if (count < tile_rows) {                                                               \
      tile(bits, count, 1, product, layout, from, r, panel, dst, dst_stride, column, end); \
    }                                                                                      \
    break;
    switch (rows - r) {
#if OCTET_TILE_ROWS == 6
      OCTET_TILE(5)
      OCTET_TILE(4)
#endif
      OCTET_TILE(3)
      OCTET_TILE(2)
      OCTET_TILE(1)
      default:
        break;
    }
#undef OCTET_TILE
  }
}

/* A single row times all panels. */
ALWAYS_INLINE void multiply_row_by_panels(int32_t bits, const struct octet_group_matmul *product,
                                          const struct group_layout *layout, const struct group_rows *from,
                                          float *dst, int32_t column, int32_t end) {
  for (; column < end; column += 2 * PANEL_COLUMNS) {
    const uint8_t *panel = group_panel(product, layout, column);
    if (column < end - PANEL_COLUMNS) {
      tile(bits, 1, 2, product, layout, from, 0, panel, dst, 0, column, end);
    } else {
      tile(bits, 1, 1, product, layout, from, 0, panel, dst, 0, column, end);
    }
  }
}

/* The layout of 4-bit weights in groups of 32, whose ends come so often that what they depend on is made
   constants. Measured, 4096 x 4096 and one row: 512 bits 7 % less time, 256 bits 20 %. */
ALWAYS_INLINE struct group_layout short_groups(const struct group_layout *layout, int32_t scale_type,
                                               int32_t has_zero_points) {
  struct group_layout fixed = *layout;
  fixed.scale_type = scale_type;
  fixed.octets = STEP_OCTETS;
  fixed.last_octets = STEP_OCTETS;
  fixed.octet = 4 * PANEL_COLUMNS;
  fixed.scales = PANEL_COLUMNS * (scale_type == OCTET_SCALES_F32 ? 4 : 2);
  fixed.zero_points = has_zero_points ? PANEL_COLUMNS : 0;
  return fixed;
}

static void multiply_row_by_short_groups(const struct octet_group_matmul *product,
                                         const struct group_layout *layout, const struct group_rows *from,
                                         float *dst, int32_t column, int32_t end) {
#define ROW(scales, has_zero_points)                                                 \
  case 2 * scales + has_zero_points: {                                               \
    const struct group_layout fixed = short_groups(layout, scales, has_zero_points); \
    multiply_row_by_panels(4, product, &fixed, from, dst, column, end);              \
    break;                                                                           \
  }
  switch (2 * layout->scale_type + (layout->zero_points != 0)) {
    ROW(OCTET_SCALES_F32, 0)
    ROW(OCTET_SCALES_F32, 1)
    ROW(OCTET_SCALES_F16, 0)
    ROW(OCTET_SCALES_F16, 1)
    ROW(OCTET_SCALES_BF16, 0)
    ROW(OCTET_SCALES_BF16, 1)
    default:
      break;
  }
#undef ROW
}

#if OCTET_SHORT_TILE_ROWS
static void multiply_short_groups(const struct octet_group_matmul *product, const struct group_layout *layout,
                                  const struct group_rows *from, int32_t rows, float *dst, int64_t dst_stride,
                                  int32_t column, int32_t end) {
#define TILES(scales)                                                                                     \
  case scales: {                                                                                          \
    const struct group_layout fixed = short_groups(layout, scales, 0);                                    \
    multiply_panels(4, OCTET_SHORT_TILE_ROWS, product, &fixed, from, rows, dst, dst_stride, column, end); \
    break;                                                                                                \
  }
  switch (layout->scale_type) {
    TILES(OCTET_SCALES_F32)
    TILES(OCTET_SCALES_F16)
    TILES(OCTET_SCALES_BF16)
    default:
      break;
  }
#undef TILES
}
#endif

ALWAYS_INLINE void run(int32_t bits, const struct octet_group_matmul *product, const void *src,
                       int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                       int32_t columns, void *scratch) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t at_a_time = group_rows_at_a_time(group_row_bytes(product));
  const int32_t end = first_column + columns;
  const int32_t factor = group_factor(product) - weight_offset(bits);
  const int is_short = bits == 4 && layout.octets == STEP_OCTETS && layout.last_octets == STEP_OCTETS;
  for (int32_t row = 0; row < rows; row += at_a_time) {
    const int32_t count = rows - row < at_a_time ? rows - row : at_a_time;
    const struct group_rows from = group_rows_in(product, count, scratch);
    float *to = (float *)dst + row * dst_stride;
    QUANTIZE(product, factor, (const float *)src + row * src_stride, src_stride, count, &from);
    if (count == 1 && is_short) {
      multiply_row_by_short_groups(product, &layout, &from, to, first_column, end);
    } else if (count == 1) {
      multiply_row_by_panels(bits, product, &layout, &from, to, first_column, end);
#if OCTET_SHORT_TILE_ROWS
    } else if (is_short && layout.zero_points == 0) {
      multiply_short_groups(product, &layout, &from, count, to, dst_stride, first_column, end);
#endif
    } else {
      multiply_panels(bits, TILE_ROWS, product, &layout, &from, count, to, dst_stride, first_column, end);
    }
  }
}
