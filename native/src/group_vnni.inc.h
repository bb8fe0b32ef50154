/* Products of bytes by VNNI: weights are the unsigned operand as they are packed. Included with
   dot(sums, weights, values). */

ALWAYS_INLINE int32_t weight_offset(int32_t bits) {
  (void)bits;
  return 0;
}

ALWAYS_INLINE lanes operand_zero_points(int32_t bits, const uint8_t *packed) {
  (void)bits;
  return load_zero_points(packed);
}

/* Four k of two vectors of columns. */
ALWAYS_INLINE void multiply(int32_t rows, lanes sums[][2], lanes w0, lanes w1, const int8_t *values,
                            int64_t stride) {
#pragma GCC unroll 6
  for (int32_t r = 0; r < rows; r++) {
    int32_t four;
    __builtin_memcpy(&four, values + r * stride, sizeof four);
    const lanes a = lanes_of(four);
    sums[r][0] = dot(sums[r][0], w0, a);
    sums[r][1] = dot(sums[r][1], w1, a);
  }
}

/* Four octets of one row: the high nibbles stay where they are, 16 times as much, in a sum of their own. */
ALWAYS_INLINE void multiply_row(lanes sums[1][2], const uint8_t *weights, const int8_t *values) {
  lanes high[1][2] = {{lanes_of(0), lanes_of(0)}};
#pragma GCC unroll 4
  for (int32_t o = 0; o < 4; o++, weights += 4 * PANEL_COLUMNS, values += 8) {
    const lanes v0 = load_once(weights);
    const lanes v1 = load_once(weights + 4 * VECTOR_COLUMNS);
    multiply(1, sums, low_nibbles(v0), low_nibbles(v1), values, 0);
    multiply(1, high, high_nibbles_in_place(v0), high_nibbles_in_place(v1), values + 4, 0);
  }
  sums[0][0] = add_sixteenth(sums[0][0], high[0][0]);
  sums[0][1] = add_sixteenth(sums[0][1], high[0][1]);
}

ALWAYS_INLINE void multiply_octets(int32_t bits, int32_t rows, lanes sums[][2], const uint8_t *weights,
                                   int32_t octets, const int8_t *values, int64_t stride) {
  const int32_t vector = 4 * VECTOR_COLUMNS;
  if (bits == 4 && rows == 1 && octets == 4) {
    multiply_row(sums, weights, values);
    return;
  }
#pragma GCC unroll 4
  for (int32_t o = 0; o < octets; o++) {
    if (bits == 8) {
      multiply(rows, sums, load_lanes(weights), load_lanes(weights + vector), values, stride);
      multiply(rows, sums, load_lanes(weights + 2 * vector), load_lanes(weights + 3 * vector), values + 4,
               stride);
    } else {
      const lanes v0 = load_once(weights);
      const lanes v1 = load_once(weights + vector);
      multiply(rows, sums, low_nibbles(v0), low_nibbles(v1), values, stride);
      multiply(rows, sums, high_nibbles(v0), high_nibbles(v1), values + 4, stride);
    }
    weights += bits * PANEL_COLUMNS;
    values += 8;
  }
}
