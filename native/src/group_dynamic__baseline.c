/* Rows quantized by group times weights in groups, in plain C: a row and 16 columns at a time. */
#include "fused.h"
#include "group_float_bits.h"
#include "group_plain.h"
#include "group_rows.h"
#include "kernels.h"

/* Eight k of 16 columns. */
static void multiply_octet(int32_t bits, const uint8_t *weights, const int8_t *values, int32_t *sums) {
  for (int32_t half = 0; half < 2; half++) {
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      for (int32_t j = 0; j < 4; j++) {
        sums[c] += plain_weight(bits, weights, c, 4 * half + j) * values[4 * half + j];
      }
    }
  }
}

static void multiply_row(int32_t bits, const struct octet_group_matmul *product,
                         const struct group_layout *layout, const struct group_rows *from, int32_t row,
                         const uint8_t *panel, float *y) {
  const int8_t *values = from->values + row * from->stride;
  for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
    y[c] = 0;
  }
  for (int32_t g = 0; g < layout->groups; g++) {
    const uint8_t *zero_points = panel + layout->scales;
    const uint8_t *weights = zero_points + layout->zero_points;
    const int64_t parameter = (int64_t)row * from->groups + g;
    int32_t sums[PANEL_COLUMNS];
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      const int32_t start = from->starts[parameter];
      sums[c] = layout->zero_points > 0 ? zero_points[c] * (int16_t)start : start;
    }
    const int32_t octets = g + 1 < layout->groups ? layout->octets : layout->last_octets;
    for (int32_t o = 0; o < octets; o++, weights += layout->octet, values += 8) {
      multiply_octet(bits, weights, values, sums);
    }
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      const float scale = from->scales[parameter] * plain_scale(product->scale_type, panel, c);
      y[c] = fused_multiply_add((float)sums[c], scale, y[c]);
    }
    panel = weights;
  }
}

static inline void run(int32_t bits, const struct octet_group_matmul *product, const void *src,
                       int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                       int32_t columns, void *scratch) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t at_a_time = group_rows_at_a_time(group_row_bytes(product));
  const int32_t end = first_column + columns;
  for (int32_t row = 0; row < rows; row += at_a_time) {
    const int32_t count = rows - row < at_a_time ? rows - row : at_a_time;
    const struct group_rows from = group_rows_in(product, count, scratch);
    octet_f32_s8_pg_quantize_1x1__baseline(product, group_factor(product),
                                           (const float *)src + row * src_stride, src_stride, count, &from);
    for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
      for (int32_t r = 0; r < count; r++) {
        float y[PANEL_COLUMNS];
        multiply_row(bits, product, &layout, &from, r, group_panel(product, &layout, column), y);
        plain_finish(product, y, (float *)dst + (row + r) * dst_stride, column, end);
      }
    }
  }
}

void octet_f32u4_f32_pg_dynamic_1x16__baseline(const struct octet_group_matmul *product, const void *src,
                                               int64_t src_stride, void *dst, int64_t dst_stride,
                                               int32_t rows, int32_t first_column, int32_t columns,
                                               void *scratch) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

void octet_f32u8_f32_pg_dynamic_1x16__baseline(const struct octet_group_matmul *product, const void *src,
                                               int64_t src_stride, void *dst, int64_t dst_stride,
                                               int32_t rows, int32_t first_column, int32_t columns,
                                               void *scratch) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
