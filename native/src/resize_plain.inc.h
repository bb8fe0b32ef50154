/* The blends of resize_linear.inc.h in portable C: loops that a compiler makes vectors of. */

INLINE void blend_wide(const struct resize_taps *taps, const float weights[][4], int64_t pixels, char *dst,
                       int64_t count, int is_signed) {
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    const float *w = weights[pixel];
    for (int64_t i = 0; i < count; i++) {
      const float sum = w[0] * resize_real(taps->upper_first[i], is_signed) +
                        w[1] * resize_real(taps->upper_second[i], is_signed) +
                        w[2] * resize_real(taps->lower_first[i], is_signed) +
                        w[3] * resize_real(taps->lower_second[i], is_signed);
      dst[pixel * count + i] = (char)(int32_t)sum;
    }
  }
}

INLINE void blend_elements(const struct resize_taps *taps, const struct resize_columns *columns,
                           const struct resize_rows *rows, int64_t at, int64_t count, char *dst,
                           int is_signed) {
  const float *first = columns->first_factors + at;
  const float *second = columns->second_factors + at;
  for (int64_t i = 0; i < count; i++) {
    const float sum = first[i] * rows->upper_weight * resize_real(taps->upper_first[i], is_signed) +
                      second[i] * rows->upper_weight * resize_real(taps->upper_second[i], is_signed) +
                      first[i] * rows->lower_weight * resize_real(taps->lower_first[i], is_signed) +
                      second[i] * rows->lower_weight * resize_real(taps->lower_second[i], is_signed);
    dst[at + i] = (char)(int32_t)sum;
  }
}
