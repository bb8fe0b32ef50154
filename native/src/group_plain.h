/* What both products of weights in groups share in plain C: the weights, scales and zero points of a panel of
   16 columns; from a sum to the result. */
#ifndef OCTET_GROUP_PLAIN_H
#define OCTET_GROUP_PLAIN_H

#include "group_float_bits.h"
#include "group_layout.h"
#include "scalars.h"

enum { PANEL_COLUMNS = 16 };

/* Weight i of the eight that a column has in an octet. */
static inline int32_t plain_weight(int32_t bits, const uint8_t *octet, int32_t column, int32_t i) {
  if (bits == 8) {
    return octet[i / 4 * 4 * PANEL_COLUMNS + 4 * column + i % 4];
  }
  const int32_t both = octet[4 * column + i % 4];
  return i < 4 ? both & 0xf : both >> 4;
}

static inline float plain_scale(int32_t scale_type, const uint8_t *block, int32_t column) {
  if (scale_type == OCTET_SCALES_F32) {
    return load_float(block, column);
  }
  uint16_t narrow;
  __builtin_memcpy(&narrow, block + 2 * column, sizeof narrow);
  return scale_type == OCTET_SCALES_F16 ? float_of_f16(narrow) : float_of_bits((uint32_t)narrow << 16);
}

/* Math.max: NaN stays, 0 is greater than -0, which differ in the sign bit alone. */
static inline float plain_max(float y, float low) {
  return y < low ? low : y == low ? float_of_bits(float_bits(y) & float_bits(low)) : y;
}

/* Math.min. */
static inline float plain_min(float y, float high) {
  return y > high ? high : y == high ? float_of_bits(float_bits(y) | float_bits(high)) : y;
}

/* Adds the bias, clamps and stores 16 columns of a row, as far as the range goes. */
static inline void plain_finish(const struct octet_group_matmul *product, const float *y, float *row,
                                int32_t column, int32_t end) {
  for (int32_t c = 0; c < PANEL_COLUMNS && column + c < end; c++) {
    const float sum = product->bias != 0 ? y[c] + load_float(product->bias, column + c) : y[c];
    store_float(row, column + c, plain_min(plain_max(sum, product->low), product->high));
  }
}

#endif
