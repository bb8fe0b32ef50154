/* Tiles on 256 bits without VNNI, exact: bytes are widened to 16 bits and multiplied by vpmaddwd. vpmaddubsw
   would be twice as fast and saturates at {255, 255} x {127, 127}. 6 rows by 16 columns in 12 of the 16
   registers.

   The file that includes this has defined RUNS, see struct tile. */

enum {
  /* Steps whose source is widened together, 12 KB on the stack. */
  WIDE_STEPS = 256
};

/* Bytes 0 and 2 of fours, and bytes 1 and 3: as the shifts that widen weights leave them. */
struct wide {
  int32_t even[TILE_ROWS][WIDE_STEPS];
  int32_t odd[TILE_ROWS][WIDE_STEPS];
};

ALWAYS_INLINE void widen(uint32_t four, struct wide *wide, int32_t row, int32_t step) {
  wide->even[row][step] = (int32_t)(four & 0x00ff00ff);
  wide->odd[row][step] = (int32_t)(four >> 8 & 0x00ff00ff);
}

/* Some steps of a tile; the one after the last is that of the tails. */
ALWAYS_INLINE void widen_rows(const struct tile *tile, int32_t rows, int32_t first, int32_t steps,
                              struct wide *wide) {
  for (int32_t r = 0; r < rows; r++) {
    const uint8_t *src = tile->src + r * tile->src_stride + (int64_t)first * 4;
    const int32_t whole = at_most(steps, tile->steps - first);
    for (int32_t step = 0; step < whole; step++) {
      uint32_t four;
      __builtin_memcpy(&four, src + step * 4, 4);
      widen(four ^ tile->flip, wide, r, step);
    }
    if (whole < steps) {
      widen(tile->tails[r], wide, r, whole);
    }
  }
}

ALWAYS_INLINE __m256i odd_bytes(const int8_t *weights) {
  return _mm256_srai_epi16(_mm256_loadu_si256((const __m256i *)weights), 8);
}

ALWAYS_INLINE __m256i even_bytes(const int8_t *weights) {
  return _mm256_srai_epi16(_mm256_slli_epi16(_mm256_loadu_si256((const __m256i *)weights), 8), 8);
}

ALWAYS_INLINE __m256i add_products(__m256i sum, __m256i row, __m256i weights) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(row, weights));
}

ALWAYS_INLINE void multiply_wide(const int rows, const struct wide *wide, int32_t steps,
                                 const int8_t *weights, const loose_int *start, int64_t start_stride,
                                 loose_int *to, int64_t to_stride) {
  __m256i sums[12];
  UNROLL for (int i = 0; i < rows * 2; i++) {
    sums[i] = _mm256_loadu_si256((const __m256i *)(start + i / 2 * start_stride + i % 2 * LANES));
  }
  for (int32_t step = 0; step < steps; step++) {
    const __m256i even_left = even_bytes(weights);
    const __m256i even_right = even_bytes(weights + LANES * 4);
    UNROLL for (int r = 0; r < rows; r++) {
      const __m256i row = _mm256_set1_epi32(wide->even[r][step]);
      sums[r * 2] = add_products(sums[r * 2], row, even_left);
      sums[r * 2 + 1] = add_products(sums[r * 2 + 1], row, even_right);
    }
    const __m256i odd_left = odd_bytes(weights);
    const __m256i odd_right = odd_bytes(weights + LANES * 4);
    UNROLL for (int r = 0; r < rows; r++) {
      const __m256i row = _mm256_set1_epi32(wide->odd[r][step]);
      sums[r * 2] = add_products(sums[r * 2], row, odd_left);
      sums[r * 2 + 1] = add_products(sums[r * 2 + 1], row, odd_right);
    }
    weights += PANEL_COLUMNS * 4;
  }
  UNROLL for (int i = 0; i < rows * 2; i++) {
    _mm256_storeu_si256((__m256i *)(to + i / 2 * to_stride + i % 2 * LANES), sums[i]);
  }
}

#define MULTIPLY_PANEL(rows)                                                                       \
  static void multiply_panel_##rows(const struct wide *wide, int32_t steps, const int8_t *weights, \
                                    const loose_int *start, int64_t start_stride, loose_int *sums, \
                                    int64_t sums_stride) {                                         \
    multiply_wide(rows, wide, steps, weights, start, start_stride, sums, sums_stride);             \
  }
MULTIPLY_PANEL(1)
MULTIPLY_PANEL(2)
MULTIPLY_PANEL(3)
MULTIPLY_PANEL(4)
MULTIPLY_PANEL(5)
MULTIPLY_PANEL(6)

#define PANEL_CASE(rows)                                                                        \
  case rows:                                                                                    \
    multiply_panel_##rows(&wide, steps, weights, start, start_stride, sums, tile->sums_stride); \
    break;

static void multiply_run(int32_t rows, const struct tile *tile) {
  const int32_t total = tile->steps + (tile->tails != 0);
  struct wide wide;
  for (int32_t first = 0; first < total; first += WIDE_STEPS) {
    const int32_t steps = at_most(WIDE_STEPS, total - first);
    widen_rows(tile, rows, first, steps, &wide);
    const int8_t *weights = tile->weights + (int64_t)first * PANEL_COLUMNS * 4;
    for (int32_t column = 0; column < tile->columns; column += PANEL_COLUMNS) {
      loose_int *sums = tile->sums + column;
      const loose_int *start = first == 0 ? tile->start + column : sums;
      const int64_t start_stride = first == 0 ? tile->start_stride : tile->sums_stride;
      switch (rows) {
        PANEL_CASE(1)
        PANEL_CASE(2)
        PANEL_CASE(3)
        PANEL_CASE(4)
        PANEL_CASE(5)
        PANEL_CASE(6)
      }
      weights += tile->panel_bytes;
    }
  }
}

static void multiply(int32_t rows, const struct tile *tile) {
  multiply_run(rows, tile);
  struct tile next = *tile;
  for (int32_t run = 1; RUNS && run < tile->runs; run++) {
    next.src += tile->run_stride;
    next.weights += (int64_t)tile->steps * PANEL_COLUMNS * 4;
    next.start = tile->sums;
    next.start_stride = tile->sums_stride;
    multiply_run(rows, &next);
  }
}
