/* Rows quantized by group times weights in block formats, in plain C: a row and 16 columns at a time. */
#include "block_plain.h"
#include "block_run.h"
#include "fused.h"
#include "kernels.h"

static void multiply_row(int32_t format, const struct block_rows *from, int32_t row, const uint8_t *at,
                         float *y) {
  const int32_t groups = from->rows.groups;
  const int32_t steps = block_scales(format);
  const int32_t length = BLOCK_GROUP / steps;
  const int8_t *values = from->rows.values + row * from->rows.stride;
  const float *row_scales = from->rows.scales + (int64_t)row * groups;
  const uint8_t *head = at;
  for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
    y[c] = 0;
  }
  for (int32_t g = 0; g < groups; g++, values += BLOCK_GROUP) {
    if (g % block_stretch(format) == 0) {
      head = at;
      at += block_head_bytes(format) * PANEL_COLUMNS;
    }
    const uint8_t *weights = at + block_scale_bytes(format) * PANEL_COLUMNS;
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      for (int32_t step = 0; step < steps; step++) {
        int32_t sum = 0;
        for (int32_t i = step * length; i < (step + 1) * length; i++) {
          sum += plain_block_weight(format, weights, c, i) * values[i];
        }
        y[c] = fused_multiply_add((float)sum, row_scales[g] * plain_block_scale(format, head, g, at, step, c),
                                  y[c]);
      }
      if (block_has_minimum(format)) {
        y[c] = fused_multiply_add(plain_block_minimum(format, head, at, c),
                                  from->sums[(int64_t)row * groups + g], y[c]);
      }
    }
    at += block_group_bytes(format) * PANEL_COLUMNS;
  }
}

static void multiply_rows(const struct octet_group_matmul *product, const struct block_rows *from,
                          int32_t rows, float *dst, int64_t dst_stride, int32_t column, int32_t end) {
  const int64_t panel = block_panel_bytes(product->type, product->k, PANEL_COLUMNS);
  for (; column < end; column += PANEL_COLUMNS) {
    const uint8_t *at = (const uint8_t *)product->weights + column / PANEL_COLUMNS * panel;
    for (int32_t r = 0; r < rows; r++) {
      float y[PANEL_COLUMNS];
      multiply_row(product->type, from, r, at, y);
      plain_finish(product, y, dst + r * dst_stride, column, end);
    }
  }
}

void octet_f32blocks_f32_pg_dynamic_1x16__baseline(const struct octet_group_matmul *product, const void *src,
                                                   int64_t src_stride, void *dst, int64_t dst_stride,
                                                   int32_t rows, int32_t first_column, int32_t columns,
                                                   void *scratch) {
  block_run(octet_f32_s8_pg_quantize_1x1__baseline, block_offset, multiply_rows, product, src, src_stride,
            dst, dst_stride, rows, first_column, columns, scratch);
}
