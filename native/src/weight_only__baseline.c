/* Float rows times weights that become floats, in plain C: a row and 16 columns at a time. */
#include "group_plain.h"
#include "kernels.h"
#include "scalars.h"

static void multiply_row(int32_t bits, const struct octet_group_matmul *product,
                         const struct group_layout *layout, const float *x, const uint8_t *panel, float *y) {
  const int32_t common = product->zero_point + group_weight_offset(product->type);
  for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
    y[c] = 0;
  }
  for (int32_t g = 0; g < layout->groups; g++) {
    const uint8_t *zero_points = panel + layout->scales;
    const uint8_t *weights = zero_points + layout->zero_points;
    const int32_t first = g * product->group;
    const int32_t count = product->k - first < product->group ? product->k - first : product->group;
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      const int32_t zero_point = layout->zero_points > 0 ? zero_points[c] : common;
      const float scale = plain_scale(product->scale_type, panel, c);
      float sum = y[c];
      for (int32_t i = 0; i < count; i++) {
        const int32_t weight = plain_weight(bits, weights + i / 8 * layout->octet, c, i % 8);
        sum += load_float(x, first + i) * ((float)(weight - zero_point) * scale);
      }
      y[c] = sum;
    }
    panel = weights + group_ceil_div(count, 8) * layout->octet;
  }
}

static inline void run(int32_t bits, const struct octet_group_matmul *product, const void *src,
                       int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                       int32_t columns) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t end = first_column + columns;
  for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
    const uint8_t *panel = group_panel(product, &layout, column);
    for (int32_t r = 0; r < rows; r++) {
      float y[PANEL_COLUMNS];
      multiply_row(bits, product, &layout, (const float *)src + r * src_stride, panel, y);
      plain_finish(product, y, (float *)dst + r * dst_stride, column, end);
    }
  }
}

void octet_f32u4_f32_pg_weightonly_1x16__baseline(const struct octet_group_matmul *product, const void *src,
                                                  int64_t src_stride, void *dst, int64_t dst_stride,
                                                  int32_t rows, int32_t first_column, int32_t columns) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}

void octet_f32u8_f32_pg_weightonly_1x16__baseline(const struct octet_group_matmul *product, const void *src,
                                                  int64_t src_stride, void *dst, int64_t dst_stride,
                                                  int32_t rows, int32_t first_column, int32_t columns) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}
