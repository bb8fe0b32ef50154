/* Packed weights in block formats, one at a time, in plain C. */
#ifndef OCTET_BLOCK_PLAIN_H
#define OCTET_BLOCK_PLAIN_H

#include "block_layout.h"
#include "group_plain.h"

static const int8_t nonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                     1,    13,   25,  38,  53,  69,  89,  113};
static const int8_t e2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/* A weight, minus its offset, from the weights of a group. */
static inline int32_t plain_block_weight(int32_t format, const uint8_t *weights, int32_t column, int32_t i) {
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

static inline float plain_block_scale(int32_t format, const uint8_t *head, int32_t group,
                                      const uint8_t *scales, int32_t second, int32_t c) {
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

static inline float plain_block_minimum(int32_t format, const uint8_t *head, const uint8_t *scales,
                                        int32_t c) {
  if (format == OCTET_BLOCK_Q4_1 || format == OCTET_BLOCK_Q5_1) {
    return plain_scale(OCTET_SCALES_F16, scales + 2 * PANEL_COLUMNS, c);
  }
  return -plain_scale(OCTET_SCALES_F16, head + 2 * PANEL_COLUMNS, c) * (float)scales[PANEL_COLUMNS + c];
}

#endif
