/* Products of bytes by VNNI: weights are the unsigned operand as the format has them. Included with
   dot_bytes(sums, weights, values). */

ALWAYS_INLINE int32_t operand_offset(int32_t format) {
  return block_offset(format);
}

ALWAYS_INLINE lanes operand(int32_t format, lanes weights) {
  (void)format;
  return weights;
}

ALWAYS_INLINE lanes dot(int32_t format, lanes sums, lanes weights, lanes values) {
  (void)format;
  return dot_bytes(sums, weights, values);
}
