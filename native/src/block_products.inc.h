/* Products of rows of bytes and packed weights in block formats. Included with the vector type (group_512.h,
   group_256.h); operand(format, weights), unsigned weights as they are multiplied, operand_offset(format), by
   which they are more than the real ones then, and dot(format, sums, weights, values); OCTET_HIGH_NIBBLES:
   whether dot takes weights up to 240. */
#include "block_weights.inc.h"

/* Half an octet. */
ALWAYS_INLINE void multiply(int32_t format, int32_t rows, lanes sums[][2], lanes w0, lanes w1,
                            const int8_t *values, int64_t stride) {
  w0 = operand(format, w0);
  w1 = operand(format, w1);
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
    int32_t four;
    __builtin_memcpy(&four, values + r * stride, sizeof four);
    const lanes a = lanes_of(four);
    sums[r][0] = dot(format, sums[r][0], w0, a);
    sums[r][1] = dot(format, sums[r][1], w1, a);
  }
}

/* The products of some octets of a group. */
ALWAYS_INLINE void multiply_octets(int32_t format, int32_t rows, lanes sums[][2], lanes table,
                                   const uint8_t *weights, int32_t first, int32_t end, const int8_t *values,
                                   int64_t stride) {
  const uint8_t *nibbles = weights + block_above_bytes(format) * PANEL_COLUMNS;
  /* High nibbles of a single row stay where they are, 16 times as much, in a sum of their own: a shift less
     for each vector. */
  const int in_place =
      OCTET_HIGH_NIBBLES && rows == 1 && block_weight_bits(format) == 4 && !block_has_table(format);
  lanes high[1][2] = {{lanes_of(0), lanes_of(0)}};
#pragma GCC unroll 4
  for (int32_t o = first; o < end; o++) {
    const int8_t *from = values + 8 * o;
    if (format == OCTET_BLOCK_Q8_0) {
      const uint8_t *bytes = weights + o * 8 * PANEL_COLUMNS;
      multiply(format, rows, sums, load_lanes(bytes), load_lanes(bytes + VECTOR_BYTES), from, stride);
      multiply(format, rows, sums, load_lanes(bytes + 2 * VECTOR_BYTES), load_lanes(bytes + 3 * VECTOR_BYTES),
               from + 4, stride);
      continue;
    }
    const lanes v0 = load_once(nibbles + o * 4 * PANEL_COLUMNS);
    const lanes v1 = load_once(nibbles + o * 4 * PANEL_COLUMNS + VECTOR_BYTES);
    multiply(format, rows, sums, completed(format, half_of(format, v0, 0), table, weights, o, 0),
             completed(format, half_of(format, v1, 0), table, weights + VECTOR_BYTES, o, 0), from, stride);
    if (in_place) {
      multiply(format, 1, high, high_nibbles_in_place(v0), high_nibbles_in_place(v1), from + 4, 0);
    } else {
      multiply(format, rows, sums, completed(format, half_of(format, v0, 1), table, weights, o, 1),
               completed(format, half_of(format, v1, 1), table, weights + VECTOR_BYTES, o, 1), from + 4,
               stride);
    }
  }
  if (in_place) {
    sums[0][0] = add_sixteenth(sums[0][0], high[0][0]);
    sums[0][1] = add_sixteenth(sums[0][1], high[0][1]);
  }
}
