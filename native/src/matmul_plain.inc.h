/* Tiles and outputs in plain C, for any CPU: what the other tiers are tested against.

   The file that includes this has defined RUNS, see struct tile. */

enum { PANEL_COLUMNS = 16, ASKS = 0, FUSES = 0, NARROW_ROWS = TILE_ROWS };

ALWAYS_INLINE uint32_t load_four(const uint8_t *from) {
  return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* One step of one row. A product of U8 and S8 fits in 16 bits, in which compilers multiply eight at once for
   any x86-64; hence the order of packed weights. Unsigned: the sums wrap around. */
static void add_products(uint32_t four, const int8_t *weights, uint32_t *restrict sums) {
  for (int i = 0; i < 4; i++) {
    const int16_t u = (int16_t)(four >> 8 * i & 0xff);
    for (int c = 0; c < PANEL_COLUMNS; c++) {
      const int32_t product = (int16_t)(u * weights[c]);
      sums[c] += (uint32_t)product;
    }
    weights += PANEL_COLUMNS;
  }
}

/* A function of its own: inlined into the loops over runs it becomes code that is ten times as slow (gcc 12,
   -O3). */
static __attribute__((noinline)) const int8_t *add_steps(const uint8_t *src, int32_t steps, uint32_t flip,
                                                         const int8_t *weights, uint32_t *restrict sums) {
  for (int32_t step = 0; step < steps; step++) {
    add_products(load_four(src + (int64_t)step * 4) ^ flip, weights, sums);
    weights += PANEL_COLUMNS * 4;
  }
  return weights;
}

static void multiply(int32_t rows, const struct tile *tile) {
  for (int32_t panel = 0; panel < divided_up(tile->columns, PANEL_COLUMNS); panel++) {
    for (int32_t r = 0; r < rows; r++) {
      const loose_int *start = tile->start + r * tile->start_stride + panel * PANEL_COLUMNS;
      const uint8_t *src = tile->src + r * tile->src_stride;
      const int8_t *weights = tile->weights + panel * tile->panel_bytes;
      uint32_t sums[PANEL_COLUMNS];
      for (int c = 0; c < PANEL_COLUMNS; c++) {
        sums[c] = panel * PANEL_COLUMNS + c < tile->columns ? (uint32_t)start[c] : 0;
      }
      for (int32_t run = 0; run < (RUNS ? tile->runs : 1); run++) {
        weights = add_steps(src, tile->steps, tile->flip, weights, sums);
        src += RUNS ? tile->run_stride : 0;
      }
      if (tile->tails != 0) {
        add_products(tile->tails[r], weights, sums);
      }
      loose_int *to = tile->sums + r * tile->sums_stride + panel * PANEL_COLUMNS;
      for (int c = 0; c < PANEL_COLUMNS; c++) {
        to[c] = (int32_t)sums[c];
      }
    }
  }
}

ALWAYS_INLINE const void *readable(const void *table, int32_t columns, void *space) {
  (void)columns;
  (void)space;
  return table;
}

ALWAYS_INLINE int32_t sum_row(const uint8_t *src, int32_t k, uint32_t flip) {
  int32_t sum = 0;
  for (int32_t i = 0; i < k; i++) {
    sum += src[i] ^ (uint8_t)flip;
  }
  return sum;
}

/* The sum of one column, complete. */
ALWAYS_INLINE int32_t complete(const int general, const int32_t *sums, const struct column_block *block,
                               const struct row_terms *terms, int32_t row, int32_t column) {
  uint32_t sum = (uint32_t)sums[row * BLOCK_COLUMNS + column];
  if (general && block->zero_point_factors != 0) {
    const int32_t zero_point =
        (terms->zero_points == 0 ? 0 : terms->zero_points[row]) + terms->zero_point_shift;
    sum -= (uint32_t)zero_point * (uint32_t)block->zero_point_factors[column];
  }
  if (general && block->weight_zero_points != 0) {
    sum -= (uint32_t)terms->sums[row] * (uint32_t)block->weight_zero_points[column];
  }
  return (int32_t)sum;
}

ALWAYS_INLINE float scaled(const int general, const int32_t *sums, const struct column_block *block,
                           const struct row_terms *terms, int32_t row, int32_t column) {
  const float sum = (float)complete(general, sums, block, terms, row, column);
  float multiplier = block->multipliers[column];
  if (general && terms->scales != 0) {
    multiplier = terms->scales[row] * multiplier;
  }
  return sum * multiplier;
}

ALWAYS_INLINE void finish_s32(const int general, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *terms, loose_int *dst,
                              int64_t dst_stride) {
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t c = 0; c < block->columns; c++) {
      dst[r * dst_stride + c] = complete(general, sums, block, terms, r, c);
    }
  }
}

ALWAYS_INLINE void finish_f32(const int general, const int bounded, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *terms,
                              const struct output *output, loose_float *dst, int64_t dst_stride) {
  const float low_zero = zero_from_below(output->low);
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t c = 0; c < block->columns; c++) {
      float t = scaled(general, sums, block, terms, r, c) + block->bias[c];
      if (bounded) {
        t = (output->low > t ? output->low : t) + low_zero;
        t = output->high < t ? output->high : t;
        t = t == 0 && is_minus_zero(output->high) ? -0.0f : t;
      }
      dst[r * dst_stride + c] = t;
    }
  }
}

ALWAYS_INLINE void finish_bytes(const int is_signed, const int general, const int32_t *sums, int32_t rows,
                                const struct column_block *block, const struct row_terms *terms,
                                const struct output *output, uint8_t *dst, int64_t dst_stride) {
  /* Added to a small number, it leaves no room for a fraction: rounded half to even, whatever the sign. */
  const float magic = 12582912.0f;
  (void)is_signed;
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t c = 0; c < block->columns; c++) {
      float t = scaled(general, sums, block, terms, r, c);
      /* Not t < low: NaN gives low. */
      t = t >= output->low ? t : output->low;
      t = t > output->high ? output->high : t;
      dst[r * dst_stride + c] = (uint8_t)((int32_t)(t + magic - magic) + output->zero_point);
    }
  }
}

ALWAYS_INLINE void gather(const loose_int *sums, const int32_t *offsets, int32_t columns, int32_t *to) {
  for (int32_t c = 0; c < columns; c++) {
    to[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)offsets[c]);
  }
}

#include "matmul_unfused.inc.h"
