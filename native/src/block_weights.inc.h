/* Packed weights in block formats, as they are read a vector of columns at a time: the unsigned integers,
   their scales and their minimums. Included with the vector type (group_512.h, group_256.h). */
#include "block_layout.h"

#define OCTET_BLOCK_FORMATS(X) \
  X(Q4_0) X(Q4_1) X(Q5_0) X(Q5_1) X(Q8_0) X(Q4_K) X(Q5_K) X(Q6_K) X(IQ4_NL) X(MXFP4) X(NVFP4)

enum { OCTETS = 4, VECTOR_BYTES = 4 * VECTOR_COLUMNS };

/* T + 127 of IQ4_NL; T + 12 of 4-bit floats, doubled. */
static const uint8_t nonlinear_table[16] = {0,   23,  44,  62,  78,  92,  105, 117,
                                            128, 140, 152, 165, 180, 196, 216, 240};
static const uint8_t e2m1_table[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};

ALWAYS_INLINE lanes table_of(int32_t format) {
  if (!block_has_table(format)) {
    return lanes_of(0);
  }
  return load_table(format == OCTET_BLOCK_IQ4_NL ? nonlinear_table : e2m1_table);
}

/* The first or second half of an octet, from the nibbles of both. */
ALWAYS_INLINE lanes half_of(int32_t format, lanes both, int32_t half) {
  if (block_has_table(format)) {
    return half == 0 ? low_numbers(both) : high_numbers(both);
  }
  return half == 0 ? low_nibbles(both) : high_nibbles(both);
}

/* Adds to nibbles, from half_of, what belongs above them: of octet o, its first or second half. */
ALWAYS_INLINE lanes completed(int32_t format, lanes nibbles, lanes table, const uint8_t *above, int32_t o,
                              int32_t half) {
  const int32_t bits = block_weight_bits(format) - 4;
  if (block_has_table(format)) {
    return looked_up(table, nibbles);
  }
  if (bits == 0) {
    return nibbles;
  }
  const int32_t first = bits * (2 * o + half);
  const lanes word = load_lanes(above + first / 8 * 4 * PANEL_COLUMNS);
  return joined(word, 4 - first % 8, ((1 << bits) - 1) << 4, nibbles);
}

/* d, or dmin, of a head that has them. */
ALWAYS_INLINE floats load_head(int32_t format, const uint8_t *head, int32_t number, int32_t column) {
  return block_has_two_levels(format)
             ? load_scales(OCTET_SCALES_F16, head + 2 * number * PANEL_COLUMNS, column)
             : floats_of(0);
}

/* 2^(e - 128), a denormal for e = 0 and 1; e is at most 254. */
ALWAYS_INLINE floats power_of_two(lanes e) {
  const lanes doubled = greater(shifted_left(e, 23), lanes_of(1 << 22));
  return multiplied(floats_of_bits(doubled), floats_of(0.5f));
}

/* The scales of a vector of columns: the first or the second of a group. */
ALWAYS_INLINE floats scales_of(int32_t format, const uint8_t *head, int32_t group, const uint8_t *scales,
                               int32_t second, int32_t column, floats d) {
  switch (format) {
    case OCTET_BLOCK_Q4_K:
    case OCTET_BLOCK_Q5_K:
      return multiplied(d, floats_of_lanes(load_zero_points(scales + column)));
    case OCTET_BLOCK_Q6_K:
      return multiplied(d, floats_of_lanes(load_signed_bytes(scales + second * PANEL_COLUMNS + column)));
    case OCTET_BLOCK_MXFP4:
      return power_of_two(load_zero_points(head + group % 2 * PANEL_COLUMNS + column));
    case OCTET_BLOCK_NVFP4: {
      /* Half of an E4M3: as a float whose exponent is too small by 127 - 7. */
      const lanes code = load_zero_points(scales + second * PANEL_COLUMNS + column);
      return multiplied(floats_of_bits(shifted_left(code, 20)), floats_of(0x1p119f));
    }
    default:
      return load_scales(OCTET_SCALES_F16, scales, column);
  }
}

/* The minimums of a vector of columns. */
ALWAYS_INLINE floats minimums_of(int32_t format, const uint8_t *scales, int32_t column, floats dmin) {
  if (format == OCTET_BLOCK_Q4_1 || format == OCTET_BLOCK_Q5_1) {
    return load_scales(OCTET_SCALES_F16, scales + 2 * PANEL_COLUMNS, column);
  }
  const floats m = floats_of_lanes(load_zero_points(scales + PANEL_COLUMNS + column));
  return multiplied(multiplied(dmin, floats_of(-1)), m);
}
