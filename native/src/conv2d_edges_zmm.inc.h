/* Lines of bytes of which the first output has no first tap in the image, and the last one no last tap: 3x3
   windows with a padding of 1. Where padding adds nothing those taps are left out, and a whole line of 7 or
   14 outputs by 32 columns is one tile: 2 of 21 multiplications of 7x7 images, 2 of 42 of 14x14 ones. */

/* Steps of a tap for some rows of a tile of two vectors. */
ALWAYS_INLINE const int8_t *add_tap(const uint8_t *src, int64_t stride, const int8_t *weights, int32_t steps,
                                    const int first, const int end, const int rows, __m512i *sums) {
  for (int32_t left = steps; left > 0; left--) {
    __m512i columns[2];
    load_columns(weights, 2, columns);
    UNROLL for (int r = first; r < end; r++) {
      add_four(broadcast_four(src + r * stride), columns, 2, sums + r * 2);
    }
    keep(sums, rows * 2);
    src += 4;
    weights += PANEL_COLUMNS * 4;
  }
  return weights;
}

ALWAYS_INLINE void multiply_line(const struct tile *tile, const struct byte_outputs *output, const int rows) {
  __m512i sums[28];
  const int64_t stride = tile->src_stride;
  const int32_t steps = tile->tap_steps;
  const int64_t tap = (int64_t)steps * 4;
  const uint8_t *src = tile->src;
  const int8_t *weights = tile->weights;
  const uint64_t there = ~UINT64_C(0) >> (BLOCK_COLUMNS - tile->columns);
  UNROLL for (int i = 0; i < rows * 2; i++) {
    const int v = i % 2;
    sums[i] = _mm512_maskz_loadu_epi32((__mmask16)(there >> v * LANES), tile->start + v * LANES);
  }
  keep(sums, rows * 2);
  for (int32_t run = 0; run < tile->runs; run++) {
    weights = add_tap(src, stride, weights, steps, 1, rows, rows, sums);
    weights = add_tap(src + tap, stride, weights, steps, 0, rows, rows, sums);
    weights = add_tap(src + 2 * tap, stride, weights, steps, 0, rows - 1, rows, sums);
    src += tile->run_stride;
  }
  store_tile(output, rows, 2, tile->columns, sums);
}

#define MULTIPLY_LINE(rows)                                                                       \
  static __attribute__((noinline)) void multiply_line_##rows(const struct tile *tile,             \
                                                             const struct byte_outputs *output) { \
    multiply_line(tile, output, rows);                                                            \
  }
MULTIPLY_LINE(7)
MULTIPLY_LINE(14)

ALWAYS_INLINE int multiplies_line(int32_t outputs) {
  return outputs == 7 || outputs == 14;
}

ALWAYS_INLINE void line_bytes(const int is_signed, int32_t outputs, const struct tile *tile,
                              const struct column_block *block, const struct output *output, uint8_t *dst,
                              int64_t dst_stride) {
  const struct byte_outputs to = byte_outputs_of(is_signed, block, output, dst, dst_stride);
  (outputs == 7 ? multiply_line_7 : multiply_line_14)(tile, &to);
}
