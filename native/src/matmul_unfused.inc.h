/* What products lack on tiers whose FUSES is 0: outputs from sums in registers. */

ALWAYS_INLINE void fused_bytes(const int is_signed, int32_t rows, const struct tile *tile,
                               const struct column_block *block, const struct output *output, uint8_t *dst,
                               int64_t dst_stride) {
  (void)is_signed, (void)rows, (void)tile, (void)block, (void)output, (void)dst, (void)dst_stride;
}

ALWAYS_INLINE int multiplies_rows(int32_t steps, int32_t rows, int32_t columns) {
  (void)steps, (void)rows, (void)columns;
  return 0;
}

ALWAYS_INLINE void rows_bytes(const int is_signed, const struct tile *tile, const struct column_block *block,
                              const struct output *output, uint8_t *dst, int64_t dst_stride, int32_t rows) {
  (void)is_signed, (void)tile, (void)block, (void)output, (void)dst, (void)dst_stride, (void)rows;
}

ALWAYS_INLINE int fuses_floats(int32_t columns, const struct output *output) {
  (void)columns, (void)output;
  return 0;
}

ALWAYS_INLINE void fused_floats(int32_t rows, const struct tile *tile, const struct column_block *block,
                                loose_float *dst, int64_t dst_stride) {
  (void)rows, (void)tile, (void)block, (void)dst, (void)dst_stride;
}
