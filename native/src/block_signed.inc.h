/* Weights that are multiplied as signed bytes: those of formats whose greatest unsigned ones are too great,
   for vpmaddubsw, which would saturate, or for sdot, which takes no more than 127. */

ALWAYS_INLINE int is_signed(int32_t format) {
  return format == OCTET_BLOCK_Q8_0 || format == OCTET_BLOCK_IQ4_NL;
}

ALWAYS_INLINE int32_t operand_offset(int32_t format) {
  return is_signed(format) ? 0 : block_offset(format);
}
