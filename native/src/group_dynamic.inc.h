/* Rows quantized by group times weights in groups: a tile of rows and two vectors of columns. Included with
   the vector type (group_512.h, group_256.h) and OCTET_TILE_ROWS: 6 or 4, rows of a tile; QUANTIZE: the
   kernel that quantizes rows; KEEP_IN_MEMORY(y): nothing, or makes the float sums live in memory, where there
   are too few registers; multiply_octets(bits, rows, sums, weights, octets, values, stride), which adds the
   products of up to four octets to sums; weight_offset(bits), by which its weights are less than the packed
   ones; operand_zero_points(bits, packed), their zero points. */
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
      const floats s0 = load_scales(product->scale_type, block + p * layout->panel, 0);
      const floats s1 = load_scales(product->scale_type, block + p * layout->panel, VECTOR_COLUMNS);
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
#pragma GCC unroll 6
  for (int32_t i = 0; i < rows * panels; i++) {
    float *row = dst + (first_row + i % rows) * dst_stride;
    const int32_t first = column + i / rows * PANEL_COLUMNS;
    finish(product, y[i][0], row, first, end);
    finish(product, y[i][1], row, first + VECTOR_COLUMNS, end);
  }
}

/* All rows that are quantized times one panel. */
ALWAYS_INLINE void multiply_panel(int32_t bits, const struct octet_group_matmul *product,
                                  const struct group_layout *layout, const struct group_rows *from,
                                  int32_t rows, const uint8_t *panel, float *dst, int64_t dst_stride,
                                  int32_t column, int32_t end) {
  int32_t r = 0;
  for (; r <= rows - TILE_ROWS; r += TILE_ROWS) {
    tile(bits, TILE_ROWS, 1, product, layout, from, r, panel, dst, dst_stride, column, end);
  }
#define OCTET_TILE(tile_rows)                                                                \
  case tile_rows:                                                                            \
    tile(bits, tile_rows, 1, product, layout, from, r, panel, dst, dst_stride, column, end); \
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

ALWAYS_INLINE void run(int32_t bits, const struct octet_group_matmul *product, const void *src,
                       int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                       int32_t columns, void *scratch) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t at_a_time = group_rows_at_a_time(product);
  const int32_t end = first_column + columns;
  const int32_t factor = group_factor(product) - weight_offset(bits);
  for (int32_t row = 0; row < rows; row += at_a_time) {
    const int32_t count = rows - row < at_a_time ? rows - row : at_a_time;
    const struct group_rows from = group_rows_in(product, count, scratch);
    float *to = (float *)dst + row * dst_stride;
    int32_t column = first_column;
    QUANTIZE(product, factor, (const float *)src + row * src_stride, src_stride, count, &from);
    if (count == 1) {
      for (; column < end - PANEL_COLUMNS; column += 2 * PANEL_COLUMNS) {
        tile(bits, 1, 2, product, &layout, &from, 0, group_panel(product, &layout, column), to, dst_stride,
             column, end);
      }
    }
    for (; column < end; column += PANEL_COLUMNS) {
      multiply_panel(bits, product, &layout, &from, count, group_panel(product, &layout, column), to,
                     dst_stride, column, end);
    }
  }
}
