/* The loops of an 8-bit product, the same on every tier: blocks of 64 columns outside, so that their weights
   come through memory once and stay in L2 while rows pass; tiles of up to 6 rows inside; long sums in blocks.

   The file that includes this has included tiles and outputs of its tier, which define PANEL_COLUMNS and

     readable(table, columns, space)       a table of some columns as finish_<type> reads it
     multiply(rows, tile)                  sums of a tile, for whole vectors
     sum_row(src, k, flip)                 of one row, as u8
     gather(sums, offsets, columns, to)    one row of sums from elsewhere, offsets added
     finish_<type>(general, ...)           outputs of a tile from its sums; row terms only where general

   and makes kernels of them by MATMUL_KERNEL and EPILOGUE_KERNEL. */

#include "matmul_outputs.inc.h"

/* The last, incomplete four of a row. */
ALWAYS_INLINE uint32_t tail_of(const uint8_t *from, int32_t bytes, uint32_t flip) {
  uint32_t four = 0;
  for (int32_t i = 0; i < bytes; i++) {
    four |= (uint32_t)from[i] << 8 * i;
  }
  return four ^ flip;
}

/* The weights of the next block, asked for by the first tiles of this one. Of weights that lie in no cache
   16x384x1536 took 56 us of 40 that multiplying takes, now 47; 64x384x1536 191 of 160, now 184; of weights in
   caches none changes (Zen 4). One tile alone is slower for it: its own weights come no faster than it asks.
 */
struct ahead {
  const int8_t *from;
  const int8_t *end;
  int64_t step;
};

ALWAYS_INLINE struct ahead ahead_of(const int8_t *weights, int64_t bytes, int32_t rows) {
  const int lines = rows > 3 * TILE_ROWS ? 1 : 2;
  const int asks = ASKS && weights != 0 && rows > TILE_ROWS;
  const struct ahead ahead = {weights, asks ? weights + bytes : weights, lines * 64};
  return ahead;
}

ALWAYS_INLINE void ask(struct tile *tile, struct ahead *ahead) {
  const int64_t bytes = tile->steps * ahead->step;
  const int asks = ahead->from < ahead->end;
  tile->ahead = asks ? ahead->from : tile->weights;
  tile->ahead_step = asks ? ahead->step : 0;
  if (asks) {
    ahead->from += bytes;
  }
}

/* Whether all rows have one scale or zero point, as those of one tensor have: the same bits. */
ALWAYS_INLINE int is_one(const void *table, int32_t rows) {
  const loose_int *bits = (const loose_int *)table;
  for (int32_t row = 1; row < rows && bits != 0; row++) {
    if (bits[row] != bits[0]) {
      return 0;
    }
  }
  return rows > 1;
}

/* Puts what the zero point of all rows adds to sums into what they start from: once for a block of columns
   instead of once for each sum. */
ALWAYS_INLINE void fold_zero_point(struct column_block *block, int32_t zero_point, int32_t *offsets) {
  for (int32_t column = 0; column < BLOCK_COLUMNS; column++) {
    offsets[column] = column >= block->columns
                          ? 0
                          : (int32_t)((uint32_t)block->offsets[column] -
                                      (uint32_t)zero_point * (uint32_t)block->zero_point_factors[column]);
  }
  block->offsets = offsets;
  block->zero_point_factors = 0;
}

/* The same of the scale of all rows: each sum is multiplied by the product of both scales anyway. */
ALWAYS_INLINE void fold_scale(struct column_block *block, float scale, float *multipliers) {
  for (int32_t column = 0; column < BLOCK_COLUMNS; column++) {
    multipliers[column] = column >= block->columns ? 0 : scale * block->multipliers[column];
  }
  block->multipliers = multipliers;
}

/* All rows of a pass by one block of columns. */
ALWAYS_INLINE void pass_block(const int type, const struct octet_matmul *product, const uint8_t *src,
                              int64_t src_stride, uint32_t flip, const uint32_t *tails,
                              const struct row_terms *terms, const struct column_block *block,
                              const int8_t *weights, const int8_t *next, uint8_t *dst, int64_t dst_stride,
                              int32_t rows) {
  const int32_t k = product->k;
  const int32_t fours = k / 4;
  const int general = terms->scales != 0 || block->zero_point_factors != 0 || block->weight_zero_points != 0;
  const int blocked = k > LONGEST_K;
  const int element = type == OCTET_S32 || type == OCTET_F32 ? 4 : 1;
  const int direct = type == OCTET_S32 && !general && !blocked && block->columns == BLOCK_COLUMNS;
  const struct output output = {product->low, product->high, product->zero_point};
  const int floats = type == OCTET_F32 && !general && !blocked && fuses_floats(block->columns, &output);
  _Alignas(64) int32_t sums[BLOCKED_ROWS * BLOCK_COLUMNS];
  struct ahead ahead = ahead_of(next, (int64_t)divided_up(k, 4) * 4 * BLOCK_COLUMNS, rows);
  struct tile tile;
  tile.columns = block->columns;
  tile.src_stride = src_stride;
  tile.flip = flip;
  tile.panel_bytes = (int64_t)divided_up(k, 4) * 4 * PANEL_COLUMNS;
  if (FUSES && is_bytes(type) && !general && !blocked) {
    tile.steps = fours;
    tile.weights = weights;
    tile.start = block->offsets;
    tile.start_stride = 0;
    tile.src = src;
    if (tails == 0 && multiplies_rows(fours, rows, block->columns) && (flip != 0) == (type == OCTET_S8)) {
      rows_bytes(type == OCTET_S8, &tile, block, &output, dst, dst_stride, rows);
      return;
    }
    for (int32_t row = 0; row < rows;) {
      const int32_t count = share(rows - row, fused_rows(block->columns));
      tile.src = src + row * src_stride;
      tile.tails = tails == 0 ? 0 : tails + row;
      ask(&tile, &ahead);
      fused_bytes(type == OCTET_S8, count, &tile, block, &output, dst + row * dst_stride, dst_stride);
      row += count;
    }
    return;
  }
  for (int32_t row = 0; row < rows;) {
    const int32_t band = blocked ? share(rows - row, BLOCKED_ROWS) : share(rows - row, TILE_ROWS);
    for (int32_t first = 0, last = 0; !last; first += K_BLOCK / 4) {
      last = !blocked || fours - first <= K_BLOCK / 4;
      tile.steps = last ? fours - first : K_BLOCK / 4;
      tile.weights = weights + (int64_t)first * 4 * PANEL_COLUMNS;
      for (int32_t done = 0; done < band;) {
        const int32_t count = share(band - done, TILE_ROWS);
        tile.src = src + (row + done) * src_stride + (int64_t)first * 4;
        tile.tails = last && tails != 0 ? tails + row + done : 0;
        tile.sums = direct ? (loose_int *)dst + (row + done) * dst_stride : sums + done * BLOCK_COLUMNS;
        tile.sums_stride = direct ? dst_stride : BLOCK_COLUMNS;
        tile.start = first == 0 ? block->offsets : tile.sums;
        tile.start_stride = first == 0 ? 0 : tile.sums_stride;
        ask(&tile, &ahead);
        if (floats) {
          fused_floats(count, &tile, block, (loose_float *)dst + row * dst_stride, dst_stride);
        } else {
          multiply(count, &tile);
        }
        done += count;
      }
    }
    if (!direct && !floats) {
      const struct row_terms band_terms = {
          .scales = terms->scales == 0 ? 0 : terms->scales + row,
          .zero_points = terms->zero_points == 0 ? 0 : terms->zero_points + row,
          .zero_point_shift = terms->zero_point_shift,
          .sums = terms->sums + row};
      uint8_t *to = dst + row * dst_stride * element;
      if (general) {
        finish(type, 1, sums, band, block, &band_terms, &output, to, dst_stride);
      } else {
        finish(type, 0, sums, band, block, &band_terms, &output, to, dst_stride);
      }
    }
    row += band;
  }
}

ALWAYS_INLINE void matmul(const int type, uint32_t flip, const struct octet_matmul *product,
                          const uint8_t *src, int64_t src_stride, const float *row_scales,
                          const int32_t *row_zero_points, uint8_t *dst, int64_t dst_stride, int32_t rows,
                          int32_t first_column, int32_t columns) {
  const int32_t k = product->k;
  const int64_t block_bytes = (int64_t)divided_up(k, 4) * 4 * BLOCK_COLUMNS;
  const int element = type == OCTET_S32 || type == OCTET_F32 ? 4 : 1;
  const int32_t end = first_column + columns;
  const int32_t most = rows <= FEWEST_ROWS || k <= PASS_BYTES / MOST_ROWS ? MOST_ROWS : PASS_BYTES / k;
  const int32_t pass = most < FEWEST_ROWS ? FEWEST_ROWS : most;
  uint32_t tails[MOST_ROWS];
  int32_t row_sums[MOST_ROWS];
  struct tables space;
  for (int32_t row = 0; row < rows;) {
    const int32_t count = share(rows - row, pass);
    const uint8_t *rows_src = src + row * src_stride;
    struct row_terms terms = {.scales = row_scales == 0 ? 0 : row_scales + row,
                              .zero_points = row_zero_points == 0 ? 0 : row_zero_points + row,
                              .zero_point_shift = flip == 0 ? 0 : 128,
                              .sums = row_sums};
    for (int32_t i = 0; i < count && k % 4 != 0; i++) {
      tails[i] = tail_of(rows_src + i * src_stride + (k & ~3), k % 4, flip);
    }
    for (int32_t i = 0; i < count && product->weight_zero_points != 0; i++) {
      row_sums[i] = sum_row(rows_src + i * src_stride, k, flip);
    }
    const int one_zero_point = product->zero_point_factors != 0 && is_one(terms.zero_points, count);
    /* Integers of 32 bits have no multipliers; scales of their rows are not read. */
    const int one_scale = type != OCTET_S32 && terms.scales != 0 && is_one(terms.scales, count);
    const float scale = one_scale ? terms.scales[0] : 1;
    terms.scales = one_scale ? 0 : terms.scales;
    for (int32_t column = first_column; column < end; column += BLOCK_COLUMNS) {
      struct column_block block = block_of(product, column, at_most(BLOCK_COLUMNS, end - column), &space);
      if (one_zero_point) {
        fold_zero_point(&block, zero_point_of(&terms, 0), space.folded_offsets);
      }
      if (one_scale) {
        fold_scale(&block, scale, space.folded_multipliers);
      }
      const int8_t *weights = (const int8_t *)product->weights + column / BLOCK_COLUMNS * block_bytes;
      pass_block(type, product, rows_src, src_stride, flip, k % 4 != 0 ? tails : 0, &terms, &block, weights,
                 column + BLOCK_COLUMNS < end ? weights + block_bytes : 0,
                 dst + (row * dst_stride + column) * element, dst_stride, count);
    }
    row += count;
  }
}

/* One tile, without terms of rows: straight through. What the loops above have to decide takes 10 ns, as much
   as 1 x 16 x 16 then takes as a whole. */
ALWAYS_INLINE void one_tile(const int type, uint32_t flip, const struct octet_matmul *product,
                            const uint8_t *src, int64_t src_stride, uint8_t *dst, int64_t dst_stride,
                            int32_t rows, int32_t first_column, int32_t columns) {
  const int32_t k = product->k;
  const int element = type == OCTET_S32 || type == OCTET_F32 ? 4 : 1;
  const int64_t block_bytes = (int64_t)divided_up(k, 4) * 4 * BLOCK_COLUMNS;
  uint32_t tails[TILE_ROWS];
  for (int32_t i = 0; i < rows && k % 4 != 0; i++) {
    tails[i] = tail_of(src + i * src_stride + (k & ~3), k % 4, flip);
  }
  struct tables space;
  const struct column_block block = block_of(product, first_column, columns, &space);
  _Alignas(64) int32_t sums[TILE_ROWS * BLOCK_COLUMNS];
  const struct tile tile = {
      .columns = columns,
      .src = src,
      .src_stride = src_stride,
      .flip = flip,
      .steps = k / 4,
      .tails = k % 4 != 0 ? tails : 0,
      .weights = (const int8_t *)product->weights + first_column / BLOCK_COLUMNS * block_bytes,
      .ahead = product->weights,
      .panel_bytes = (int64_t)divided_up(k, 4) * 4 * PANEL_COLUMNS,
      .start = block.offsets,
      .start_stride = 0,
      .sums = sums,
      .sums_stride = BLOCK_COLUMNS};
  const struct output output = {product->low, product->high, product->zero_point};
  if (FUSES && is_bytes(type)) {
    fused_bytes(type == OCTET_S8, rows, &tile, &block, &output, dst + first_column, dst_stride);
    return;
  }
  const struct row_terms terms = {.scales = 0, .zero_points = 0, .zero_point_shift = 0, .sums = 0};
  if (type == OCTET_F32 && fuses_floats(columns, &output)) {
    fused_floats(rows, &tile, &block, (loose_float *)dst + first_column, dst_stride);
    return;
  }
  multiply(rows, &tile);
  finish(type, 0, sums, rows, &block, &terms, &output, dst + (int64_t)first_column * element, dst_stride);
}

/* One kernel for each type of source and output. */
#define MATMUL_KERNEL(name, flip, type)                                                                  \
  static __attribute__((noinline)) void name##_loops(                                                    \
      const struct octet_matmul *product, const void *src, int64_t src_stride, const float *row_scales,  \
      const int32_t *row_zero_points, void *dst, int64_t dst_stride, int32_t rows, int32_t first_column, \
      int32_t columns) {                                                                                 \
    matmul(type, flip, product, src, src_stride, row_scales, row_zero_points, dst, dst_stride, rows,     \
           first_column, columns);                                                                       \
  }                                                                                                      \
  void name(const struct octet_matmul *product, const void *src, int64_t src_stride,                     \
            const float *row_scales, const int32_t *row_zero_points, void *dst, int64_t dst_stride,      \
            int32_t rows, int32_t first_column, int32_t columns) {                                       \
    if (rows > 0 && rows <= TILE_ROWS && columns > 0 && columns <= BLOCK_COLUMNS &&                      \
        product->k <= LONGEST_K && row_scales == 0 && product->zero_point_factors == 0 &&                \
        product->weight_zero_points == 0) {                                                              \
      one_tile(type, flip, product, src, src_stride, dst, dst_stride, rows, first_column, columns);      \
    } else {                                                                                             \
      name##_loops(product, src, src_stride, row_scales, row_zero_points, dst, dst_stride, rows,         \
                   first_column, columns);                                                               \
    }                                                                                                    \
  }

/* The second half alone, for sums that something else has made: they pass through a tile's buffer, which is
   where outputs are made from. */
ALWAYS_INLINE void make_outputs(const int type, const struct octet_epilogue *epilogue, const loose_int *sums,
                                int64_t sums_stride, const float *row_scales, const int32_t *row_zero_points,
                                const int32_t *row_sums, uint8_t *dst, int64_t dst_stride, int32_t rows,
                                int32_t columns) {
  const struct octet_matmul product = {.offsets = epilogue->offsets,
                                       .zero_point_factors = epilogue->zero_point_factors,
                                       .weight_zero_points = epilogue->weight_zero_points,
                                       .multipliers = epilogue->multipliers,
                                       .bias = epilogue->bias};
  const struct output output = {epilogue->low, epilogue->high, epilogue->zero_point};
  const int element = type == OCTET_S32 || type == OCTET_F32 ? 4 : 1;
  const int general = row_scales != 0 || product.zero_point_factors != 0 || product.weight_zero_points != 0;
  _Alignas(64) int32_t buffer[BLOCKED_ROWS * BLOCK_COLUMNS];
  struct tables space;
  for (int32_t column = 0; column < columns; column += BLOCK_COLUMNS) {
    const struct column_block block =
        block_of(&product, column, at_most(BLOCK_COLUMNS, columns - column), &space);
    for (int32_t row = 0; row < rows; row += BLOCKED_ROWS) {
      const int32_t count = at_most(BLOCKED_ROWS, rows - row);
      const struct row_terms terms = {.scales = row_scales == 0 ? 0 : row_scales + row,
                                      .zero_points = row_zero_points == 0 ? 0 : row_zero_points + row,
                                      .zero_point_shift = 0,
                                      .sums = row_sums == 0 ? 0 : row_sums + row};
      for (int32_t r = 0; r < count; r++) {
        gather(sums + (row + r) * sums_stride + column, block.offsets, block.columns,
               buffer + r * BLOCK_COLUMNS);
      }
      uint8_t *to = dst + (row * dst_stride + column) * element;
      if (general) {
        finish(type, 1, buffer, count, &block, &terms, &output, to, dst_stride);
      } else {
        finish(type, 0, buffer, count, &block, &terms, &output, to, dst_stride);
      }
    }
  }
}

/* One kernel for each type of output. */
#define EPILOGUE_KERNEL(name, type)                                                                         \
  void name(const struct octet_epilogue *epilogue, const void *sums, int64_t sums_stride,                   \
            const float *row_scales, const int32_t *row_zero_points, const int32_t *row_sums, void *dst,    \
            int64_t dst_stride, int32_t rows, int32_t columns) {                                            \
    make_outputs(type, epilogue, sums, sums_stride, row_scales, row_zero_points, row_sums, dst, dst_stride, \
                 rows, columns);                                                                            \
  }
