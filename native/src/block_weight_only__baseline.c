/* Float rows times weights in block formats that become floats, in plain C: a row and 16 columns at a time.
 */
#include "block_plain.h"
#include "kernels.h"

static void multiply_row(int32_t format, const float *x, int32_t groups, const uint8_t *at, float *y) {
  const int32_t length = BLOCK_GROUP / block_scales(format);
  const uint8_t *head = at;
  for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
    y[c] = 0;
  }
  for (int32_t g = 0; g < groups; g++) {
    if (g % block_stretch(format) == 0) {
      head = at;
      at += block_head_bytes(format) * PANEL_COLUMNS;
    }
    const uint8_t *weights = at + block_scale_bytes(format) * PANEL_COLUMNS;
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      const float minimum = block_has_minimum(format) ? plain_block_minimum(format, head, at, c) : 0;
      float sum = y[c];
      for (int32_t i = 0; i < BLOCK_GROUP; i++) {
        const float scale = plain_block_scale(format, head, g, at, i / length, c);
        const float w = scale * (float)plain_block_weight(format, weights, c, i);
        sum += load_float(x, g * BLOCK_GROUP + i) * (block_has_minimum(format) ? w + minimum : w);
      }
      y[c] = sum;
    }
    at += block_group_bytes(format) * PANEL_COLUMNS;
  }
}

void octet_f32blocks_f32_pg_weightonly_1x16__baseline(const struct octet_group_matmul *product,
                                                      const void *src, int64_t src_stride, void *dst,
                                                      int64_t dst_stride, int32_t rows, int32_t first_column,
                                                      int32_t columns) {
  const int64_t panel = block_panel_bytes(product->type, product->k, PANEL_COLUMNS);
  const int32_t end = first_column + columns;
  for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
    const uint8_t *at = (const uint8_t *)product->weights + column / PANEL_COLUMNS * panel;
    for (int32_t r = 0; r < rows; r++) {
      float y[PANEL_COLUMNS];
      multiply_row(product->type, (const float *)src + r * src_stride, product->k / BLOCK_GROUP, at, y);
      plain_finish(product, y, (float *)dst + r * dst_stride, column, end);
    }
  }
}
