/* What tiers lack whose FUSES is 0: lines of bytes at once. */

ALWAYS_INLINE void slide_to_bytes(const int is_signed, const struct windows *w, const int32_t *start,
                                  const struct column_block *block, const struct output *output, uint8_t *dst,
                                  int64_t dst_stride, int32_t outputs) {
  (void)is_signed, (void)w, (void)start, (void)block, (void)output, (void)dst, (void)dst_stride,
      (void)outputs;
}

ALWAYS_INLINE void deal_table(const void *table, int32_t channels, void *to) {
  (void)table, (void)channels, (void)to;
}

ALWAYS_INLINE void slide_columns_to_bytes(const int is_signed, int32_t lines, int32_t stride,
                                          const struct column_lines *from) {
  (void)is_signed, (void)lines, (void)stride, (void)from;
}

ALWAYS_INLINE int panel_clamps(const int is_signed, const struct column_panel *panel, float high,
                               int32_t zero_point, int32_t lowest) {
  (void)is_signed, (void)panel, (void)high, (void)zero_point, (void)lowest;
  return 1;
}

ALWAYS_INLINE int multiplies_line(int32_t outputs) {
  (void)outputs;
  return 0;
}

ALWAYS_INLINE void line_bytes(const int is_signed, int32_t outputs, const struct tile *tile,
                              const struct column_block *block, const struct output *output, uint8_t *dst,
                              int64_t dst_stride) {
  (void)is_signed, (void)outputs, (void)tile, (void)block, (void)output, (void)dst, (void)dst_stride;
}
