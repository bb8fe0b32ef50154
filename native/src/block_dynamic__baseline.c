/* Rows quantized by group times weights in block formats, in plain C: a row and 16 columns at a time. */
#include "block_run.h"
#include "fused.h"
#include "group_plain.h"
#include "kernels.h"

static const int8_t nonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                     1,    13,   25,  38,  53,  69,  89,  113};
static const int8_t e2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/* A weight, minus its offset, from the weights of a group. */
static int32_t weight(int32_t format, const uint8_t *weights, int32_t column, int32_t i) {
  if (format == OCTET_BLOCK_Q8_0) {
    return weights[i / 4 * 4 * PANEL_COLUMNS + 4 * column + i % 4] - 128;
  }
  const int32_t octet = i / 8;
  const int32_t half = i % 8 / 4;
  const int32_t byte = 4 * column + i % 4;
  const int32_t bits = block_weight_bits(format) - 4;
  const int32_t low = weights[(bits + octet) * 4 * PANEL_COLUMNS + byte] >> 4 * half & 0xf;
  if (block_has_table(format)) {
    return format == OCTET_BLOCK_IQ4_NL ? nonlinear[low] : e2m1[low];
  }
  const int32_t first = bits * (2 * octet + half);
  const int32_t above = weights[first / 8 * 4 * PANEL_COLUMNS + byte] >> first % 8 & ((1 << bits) - 1);
  return (bits == 0 ? low : low | above << 4) - block_offset(format);
}

static float scale_of(int32_t format, const uint8_t *head, int32_t group, const uint8_t *scales,
                      int32_t second, int32_t c) {
  switch (format) {
    case OCTET_BLOCK_Q4_K:
    case OCTET_BLOCK_Q5_K:
      return plain_scale(OCTET_SCALES_F16, head, c) * (float)scales[c];
    case OCTET_BLOCK_Q6_K:
      return plain_scale(OCTET_SCALES_F16, head, c) * (float)(int8_t)scales[second * PANEL_COLUMNS + c];
    case OCTET_BLOCK_MXFP4: {
      const int32_t e = head[group % 2 * PANEL_COLUMNS + c];
      return float_of_bits(e < 2 ? 0x200000u << e : (uint32_t)(e - 1) << 23);
    }
    case OCTET_BLOCK_NVFP4:
      return float_of_bits((uint32_t)scales[second * PANEL_COLUMNS + c] << 20) * 0x1p119f;
    default:
      return plain_scale(OCTET_SCALES_F16, scales, c);
  }
}

static float minimum_of(int32_t format, const uint8_t *head, const uint8_t *scales, int32_t c) {
  if (format == OCTET_BLOCK_Q4_1 || format == OCTET_BLOCK_Q5_1) {
    return plain_scale(OCTET_SCALES_F16, scales + 2 * PANEL_COLUMNS, c);
  }
  return -plain_scale(OCTET_SCALES_F16, head + 2 * PANEL_COLUMNS, c) * (float)scales[PANEL_COLUMNS + c];
}

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
          sum += weight(format, weights, c, i) * values[i];
        }
        y[c] = fused_multiply_add((float)sum, row_scales[g] * scale_of(format, head, g, at, step, c), y[c]);
      }
      if (block_has_minimum(format)) {
        y[c] =
            fused_multiply_add(minimum_of(format, head, at, c), from->sums[(int64_t)row * groups + g], y[c]);
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
