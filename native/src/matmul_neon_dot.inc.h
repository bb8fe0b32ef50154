/* Tiles by udot: 6 rows by 16 columns in 24 of the 32 registers, which leaves six for the rows and two for
   weights. 16 K of the rows are loaded together, six loads; each of the four weights of a step is loaded once
   and multiplied by all rows, so 22 loads for 96 products. Neoverse N1 starts two of each in a cycle: 48
   cycles of products hide 11 of loads.

   udot multiplies U8 by U8: weights w are packed as w + 128. The sum of u * w is that of u * (w + 128) less
   128 times the sum of u, which is the same for all columns: a row is summed once for 64 of them, one product
   for 64. All of it wraps around at 32 bits, as the law does.

   The file that includes this has defined FLIPS and RUNS, see struct tile. */

ALWAYS_INLINE uint8x16_t load_weights(const int8_t *from) {
  return vld1q_u8((const uint8_t *)from);
}

ALWAYS_INLINE uint8x16_t load_row(const uint8_t *from, uint32_t flip) {
  const uint8x16_t bytes = vld1q_u8(from);
  return FLIPS ? veorq_u8(bytes, vreinterpretq_u8_u32(vdupq_n_u32(flip))) : bytes;
}

ALWAYS_INLINE uint8x16_t broadcast_four(const uint8_t *from, uint32_t flip) {
  uint32_t four;
  __builtin_memcpy(&four, from, 4);
  return vreinterpretq_u8_u32(vdupq_n_u32(FLIPS ? four ^ flip : four));
}

/* 128 times the sum of a row: of its runs, whole fours and the tail. */
ALWAYS_INLINE uint32_t excess_of(const struct tile *tile, int32_t row) {
  const uint8x16_t ones = vdupq_n_u8(1);
  const uint8_t *src = tile->src + row * tile->src_stride;
  uint32x4_t sums = vdupq_n_u32(0);
  for (int32_t run = 0; run < (RUNS ? tile->runs : 1); run++) {
    int32_t step = 0;
    for (; step + 4 <= tile->steps; step += 4) {
      sums = vdotq_u32(sums, load_row(src + (int64_t)step * 4, tile->flip), ones);
    }
    uint32x4_t rest = vdupq_n_u32(0);
    for (; step < tile->steps; step++) {
      rest = vdotq_u32(rest, broadcast_four(src + (int64_t)step * 4, tile->flip), ones);
    }
    sums = vaddq_u32(sums, vsetq_lane_u32(vgetq_lane_u32(rest, 0), vdupq_n_u32(0), 0));
    src += RUNS ? tile->run_stride : 0;
  }
  uint32_t sum = vaddvq_u32(sums);
  if (!RUNS && tile->tails != 0) {
    sum += vgetq_lane_u32(
        vdotq_u32(vdupq_n_u32(0), vreinterpretq_u8_u32(vdupq_n_u32(tile->tails[row])), ones), 0);
  }
  return sum * 128;
}

/* One of four steps of all rows; a lane has to be a constant where it is written. */
#define ROWS_BY_LANE(step)                                                          \
  UNROLL for (int v = 0; v < 4; v++) {                                              \
    const uint8x16_t w = load_weights(weights + (step)*PANEL_COLUMNS * 4 + v * 16); \
    UNROLL for (int r = 0; r < rows; r++) {                                         \
      sums[r * 4 + v] = vdotq_laneq_u32(sums[r * 4 + v], w, row[r], step);          \
    }                                                                               \
  }

ALWAYS_INLINE void multiply_panel(const int rows, const struct tile *tile, const uint32_t *excess,
                                  const int8_t *weights, const loose_int *start, loose_int *to) {
  const int64_t stride = tile->src_stride;
  const int32_t steps = tile->steps;
  const uint8_t *src = tile->src;
  uint32x4_t sums[24];
  UNROLL for (int i = 0; i < rows * 4; i++) {
    const int32x4_t from = load_integers(start + i / 4 * tile->start_stride + i % 4 * LANES);
    sums[i] = vsubq_u32(vreinterpretq_u32_s32(from), vdupq_n_u32(excess[i / 4]));
  }
  for (int32_t run = 0; run < (RUNS ? tile->runs : 1); run++) {
    int32_t step = 0;
    src = tile->src + (RUNS ? run * tile->run_stride : 0);
    for (; step + 4 <= steps; step += 4) {
      uint8x16_t row[TILE_ROWS];
      UNROLL for (int r = 0; r < rows; r++) {
        row[r] = load_row(src + r * stride, tile->flip);
      }
      ROWS_BY_LANE(0)
      ROWS_BY_LANE(1)
      ROWS_BY_LANE(2)
      ROWS_BY_LANE(3)
      src += 16;
      weights += PANEL_COLUMNS * 16;
    }
    for (; step < steps; step++) {
      UNROLL for (int r = 0; r < rows; r++) {
        const uint8x16_t four = broadcast_four(src + r * stride, tile->flip);
        UNROLL for (int v = 0; v < 4; v++) {
          sums[r * 4 + v] = vdotq_u32(sums[r * 4 + v], load_weights(weights + v * 16), four);
        }
      }
      src += 4;
      weights += PANEL_COLUMNS * 4;
    }
  }
  if (!RUNS && tile->tails != 0) {
    UNROLL for (int r = 0; r < rows; r++) {
      const uint8x16_t four = vreinterpretq_u8_u32(vdupq_n_u32(tile->tails[r]));
      UNROLL for (int v = 0; v < 4; v++) {
        sums[r * 4 + v] = vdotq_u32(sums[r * 4 + v], load_weights(weights + v * 16), four);
      }
    }
  }
  const int64_t to_stride = tile->sums_stride;
  UNROLL for (int i = 0; i < rows * 4; i++) {
    store_lanes_of(to + i / 4 * to_stride + i % 4 * LANES, vreinterpretq_s32_u32(sums[i]), LANES);
  }
}

#define MULTIPLY_PANEL(rows)                                                                                \
  static void multiply_panel_##rows(const struct tile *tile, const uint32_t *excess, const int8_t *weights, \
                                    const loose_int *start, loose_int *sums) {                              \
    multiply_panel(rows, tile, excess, weights, start, sums);                                               \
  }
MULTIPLY_PANEL(1)
MULTIPLY_PANEL(2)
MULTIPLY_PANEL(3)
MULTIPLY_PANEL(4)
MULTIPLY_PANEL(5)
MULTIPLY_PANEL(6)

#define PANEL_CASE(rows)                                       \
  case rows:                                                   \
    multiply_panel_##rows(tile, excess, weights, start, sums); \
    break;

static void multiply(int32_t rows, const struct tile *tile) {
  const int8_t *weights = tile->weights;
  uint32_t excess[TILE_ROWS];
  for (int32_t r = 0; r < rows; r++) {
    excess[r] = excess_of(tile, r);
  }
  for (int32_t column = 0; column < tile->columns; column += PANEL_COLUMNS) {
    const loose_int *start = tile->start + column;
    loose_int *sums = tile->sums + column;
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
