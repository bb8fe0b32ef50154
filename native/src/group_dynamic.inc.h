/* Rows quantized by group times weights in groups: a tile of rows and two vectors of columns. Included with
   the vector type (group_512.h, group_256.h) and OCTET_TILE_ROWS: 6 or 4, rows of a tile; QUANTIZE: the
   kernel that quantizes rows; KEEP_IN_MEMORY(y): nothing, or makes the float sums live in memory, where there
   are too few registers; multiply_octets(bits, rows, sums, weights, octets, values, stride), which adds the
   products of up to four octets to sums; weight_offset(bits), by which its weights are less than the packed
   ones; operand_zero_points(bits, packed), their zero points. */
#include "group_finish.inc.h"
#include "group_rows.h"
#include "kernels.h"

enum { TILE_ROWS = OCTET_TILE_ROWS, STEP_OCTETS = 4 };

/* rows and bits are constants where this is inlined. */
ALWAYS_INLINE void tile(int32_t bits, int32_t rows, const struct octet_group_matmul *product,
                        const struct group_layout *layout, const struct group_rows *from, int32_t first_row,
                        const uint8_t *panel, float *dst, int64_t dst_stride, int32_t column, int32_t end) {
  const int8_t *values = from->values + first_row * from->stride;
  const float *row_scales = from->scales + (int64_t)first_row * from->groups;
  const int32_t *starts = from->starts + (int64_t)first_row * from->groups;
  floats y[TILE_ROWS][2];
#pragma GCC unroll 6
  for (int32_t r = 0; r < rows; r++) {
    y[r][0] = y[r][1] = floats_of(0);
  }
  for (int32_t g = 0; g < layout->groups; g++) {
    const uint8_t *weights = panel + layout->scales + layout->zero_points;
    lanes sums[TILE_ROWS][2];
    if (layout->zero_points > 0) {
      const lanes z0 = operand_zero_points(bits, panel + layout->scales);
      const lanes z1 = operand_zero_points(bits, panel + layout->scales + VECTOR_COLUMNS);
#pragma GCC unroll 6
      for (int32_t r = 0; r < rows; r++) {
        const lanes start = lanes_of(starts[r * from->groups + g]);
        sums[r][0] = multiplied_halves(z0, start);
        sums[r][1] = multiplied_halves(z1, start);
      }
    } else {
#pragma GCC unroll 6
      for (int32_t r = 0; r < rows; r++) {
        sums[r][0] = sums[r][1] = lanes_of(starts[r * from->groups + g]);
      }
    }
    const int32_t octets = g + 1 < layout->groups ? layout->octets : layout->last_octets;
    for (int32_t o = 0; o < octets; o += STEP_OCTETS) {
      const int32_t step = octets - o < STEP_OCTETS ? octets - o : STEP_OCTETS;
      multiply_octets(bits, rows, sums, weights, step, values, from->stride);
      weights += step * bits * PANEL_COLUMNS;
      values += step * 8;
    }
    const floats s0 = load_scales(product->scale_type, panel, 0);
    const floats s1 = load_scales(product->scale_type, panel, VECTOR_COLUMNS);
#pragma GCC unroll 6
    for (int32_t r = 0; r < rows; r++) {
      const floats scale = floats_of(row_scales[r * from->groups + g]);
      y[r][0] = fused(floats_of_lanes(sums[r][0]), multiplied(scale, s0), y[r][0]);
      y[r][1] = fused(floats_of_lanes(sums[r][1]), multiplied(scale, s1), y[r][1]);
    }
    KEEP_IN_MEMORY(y);
    panel = weights;
  }
#pragma GCC unroll 6
  for (int32_t r = 0; r < rows; r++) {
    float *row = dst + (first_row + r) * dst_stride;
    finish(product, y[r][0], row, column, end);
    finish(product, y[r][1], row, column + VECTOR_COLUMNS, end);
  }
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
    QUANTIZE(product, factor, (const float *)src + row * src_stride, src_stride, count, &from);
    float *to = (float *)dst + row * dst_stride;
    for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
      const uint8_t *panel = group_panel(product, &layout, column);
      int32_t r = 0;
      for (; r <= count - TILE_ROWS; r += TILE_ROWS) {
        tile(bits, TILE_ROWS, product, &layout, &from, r, panel, to, dst_stride, column, end);
      }
      switch (count - r) {
#if OCTET_TILE_ROWS == 6
        case 5:
          tile(bits, 5, product, &layout, &from, r, panel, to, dst_stride, column, end);
          break;
        case 4:
          tile(bits, 4, product, &layout, &from, r, panel, to, dst_stride, column, end);
          break;
#endif
        case 3:
          tile(bits, 3, product, &layout, &from, r, panel, to, dst_stride, column, end);
          break;
        case 2:
          tile(bits, 2, product, &layout, &from, r, panel, to, dst_stride, column, end);
          break;
        case 1:
          tile(bits, 1, product, &layout, &from, r, panel, to, dst_stride, column, end);
          break;
        default:
          break;
      }
    }
  }
}
