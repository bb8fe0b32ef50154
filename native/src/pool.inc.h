/* Template of the pooling kernels: window by window, and in a window by blocks of BLOCK channels. The tier
   brings max_block and average_block, for up to BLOCK channels, of POOL_MOST taps at most. */

/* One channel after the other of more taps than 32 bits hold the sum of. */
static __attribute__((noinline)) void average_of_many(const struct pool_taps *taps, int is_signed,
                                                      const struct pool_mean *mean, char *dst, int64_t n) {
  const uint8_t flip = is_signed ? 0x80 : 0;
  for (int64_t c = 0; c < n; c++) {
    int64_t sum = 0;
    for (int64_t row = 0; row < taps->rows; row++) {
      const uint8_t *x = (const uint8_t *)taps->first + row * taps->row_step + c;
      for (int64_t column = 0; column < taps->columns; column++) {
        sum += x[column * taps->column_step] ^ flip;
      }
    }
    dst[c] = (char)pool_round(mean, sum);
  }
}

/* Some channels of a window. */
INLINE void pool_block(const struct pool_taps *window, int64_t channel, const struct pool_mean *mean,
                       char *dst, int64_t n, int average, int is_signed) {
  struct pool_taps taps = *window;
  taps.first += channel;
  if (!average) {
    max_block(&taps, is_signed, dst + channel, n);
  } else if (taps.rows * taps.columns <= POOL_MOST) {
    average_block(&taps, is_signed, mean, dst + channel, n);
  } else {
    average_of_many(&taps, is_signed, mean, dst + channel, n);
  }
}

/* All channels of a window. The last block is a whole one too, where there are as many channels: it makes
   some results of the one before it once more. */
INLINE void pool_channels(const struct pool_taps *taps, const struct pool_mean *mean, char *dst,
                          int64_t channels, int average, int is_signed) {
  int64_t c = 0;
  for (; c + BLOCK <= channels; c += BLOCK) {
    pool_block(taps, c, mean, dst, BLOCK, average, is_signed);
  }
  if (c < channels && channels > BLOCK) {
    pool_block(taps, channels - BLOCK, mean, dst, BLOCK, average, is_signed);
  } else if (c < channels) {
    pool_block(taps, 0, mean, dst, channels, average, is_signed);
  }
}

INLINE void pool_line(const struct octet_pool *plan, const char *image, char *dst, int64_t height,
                      int64_t width, int64_t channels, int64_t out_width, int64_t y, int average,
                      int is_signed) {
  const int64_t zero_point = plan->input_zero_point + (is_signed ? 128 : 0);
  const int64_t top = y * plan->stride_height - plan->pad_top;
  const int64_t first_row = pool_taps_before(top, plan->dilation_height, plan->kernel_height);
  const int64_t end_row = pool_taps_until(top, height, plan->dilation_height, plan->kernel_height);
  const int64_t padded_rows =
      pool_taps_until(top, height + plan->pad_bottom, plan->dilation_height, plan->kernel_height);
  struct pool_taps taps = {.rows = end_row > first_row ? end_row - first_row : 0,
                           .row_step = plan->dilation_height * width * channels,
                           .column_step = plan->dilation_width * channels};
  struct pool_mean mean = {0, 0, plan->low, plan->high, plan->zero_point};
  int64_t last_count = -1;
  for (int64_t x = 0; x < out_width; x++) {
    const int64_t left = x * plan->stride_width - plan->pad_left;
    const int64_t first = pool_taps_before(left, plan->dilation_width, plan->kernel_width);
    const int64_t end = pool_taps_until(left, width, plan->dilation_width, plan->kernel_width);
    taps.columns = end > first ? end - first : 0;
    /* The address of a window without a tap in the image may lie anywhere: none is read. */
    const int64_t pixel =
        (top + first_row * plan->dilation_height) * width + left + first * plan->dilation_width;
    taps.first = taps.rows > 0 && taps.columns > 0 ? image + pixel * channels : image;
    if (average) {
      const int64_t in_image = taps.rows * taps.columns;
      const int64_t padded = padded_rows * pool_taps_until(left, width + plan->pad_right,
                                                           plan->dilation_width, plan->kernel_width);
      const int64_t count = plan->count_padding ? padded : in_image;
      if (count != last_count) {
        mean.multiplier = plan->input_scale / ((float)(count > 1 ? count : 1) * plan->output_scale);
        last_count = count;
      }
      mean.offset = in_image * zero_point;
    }
    pool_channels(&taps, &mean, dst, channels, average, is_signed);
    dst += channels;
  }
}

INLINE void pool(const struct octet_pool *given, const char *src, char *dst, int64_t height, int64_t width,
                 int64_t channels, int64_t out_height, int64_t out_width, int64_t first_line, int64_t lines,
                 int average, int is_signed) {
  /* A copy, which no store to dst can change. */
  struct octet_pool plan = *given;
  if (plan.kernel_height == 0) {
    plan = (struct octet_pool){.stride_height = 1,
                               .stride_width = 1,
                               .dilation_height = 1,
                               .dilation_width = 1,
                               .kernel_height = (int32_t)height,
                               .kernel_width = (int32_t)width,
                               .input_scale = given->input_scale,
                               .output_scale = given->output_scale,
                               .input_zero_point = given->input_zero_point,
                               .zero_point = given->zero_point,
                               .low = given->low,
                               .high = given->high};
  }
  for (int64_t line = first_line; line < first_line + lines; line++) {
    const char *image = src + line / out_height * height * width * channels;
    pool_line(&plan, image, dst + line * out_width * channels, height, width, channels, out_width,
              line % out_height, average, is_signed);
  }
}

#define POOL_OF(name, average, is_signed)                                                            \
  void KERNEL(name)(const struct octet_pool *plan, const void *src, void *dst, int32_t height,       \
                    int32_t width, int32_t channels, int32_t out_height, int32_t out_width,          \
                    int64_t first_line, int64_t lines) {                                             \
    pool(plan, src, dst, height, width, channels, out_height, out_width, first_line, lines, average, \
         is_signed);                                                                                 \
  }

POOL_OF(octet_u8_u8_pt_max_pool, 0, 0)
POOL_OF(octet_s8_s8_pt_max_pool, 0, 1)
POOL_OF(octet_u8_u8_pt_average_pool, 1, 0)
POOL_OF(octet_s8_s8_pt_average_pool, 1, 1)
