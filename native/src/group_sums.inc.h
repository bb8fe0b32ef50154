/* Where the sums of a group's products begin. Included with the vector type (group_512.h, group_256.h) and
   operand_zero_points(bits, packed), the zero points of the weights as a kernel multiplies them. */

/* Sums of rows with a panel begin with what the zero points take away. */
ALWAYS_INLINE void begin_sums(int32_t bits, int32_t rows, const struct group_layout *layout,
                              const uint8_t *block, const int32_t *starts, int32_t stride, lanes sums[][2]) {
  if (layout->zero_points > 0) {
    const lanes z0 = operand_zero_points(bits, block + layout->scales);
    const lanes z1 = operand_zero_points(bits, block + layout->scales + VECTOR_COLUMNS);
#pragma GCC unroll 6
    for (int32_t r = 0; r < rows; r++) {
      const lanes start = lanes_of(starts[r * stride]);
      sums[r][0] = multiplied_halves(z0, start);
      sums[r][1] = multiplied_halves(z1, start);
    }
  } else {
#pragma GCC unroll 6
    for (int32_t r = 0; r < rows; r++) {
      sums[r][0] = sums[r][1] = lanes_of(starts[r * stride]);
    }
  }
}
