/* Tiles and outputs on 512 bits: 6 rows by 64 columns in 24 of the 32 registers, multiplied by vpdpbusd.

   The file that includes this has defined FLIPS and RUNS, see struct tile. */

enum {
  LANES = 16,
  PANEL_COLUMNS = 64,
  /* Whether tiles ask for weights that come later. */
  ASKS = !RUNS
};

ALWAYS_INLINE __m512i broadcast_four(const uint8_t *from) {
  int32_t four;
  __builtin_memcpy(&four, from, 4);
  return _mm512_set1_epi32(four);
}

ALWAYS_INLINE void load_columns(const int8_t *weights, const int vectors, __m512i *columns) {
  UNROLL for (int v = 0; v < vectors; v++) {
    columns[v] = _mm512_loadu_si512(weights + v * LANES * 4);
  }
}

/* A four of a row times columns. */
ALWAYS_INLINE void add_four(__m512i four, const __m512i *columns, const int vectors, __m512i *sums) {
  UNROLL for (int v = 0; v < vectors; v++) {
    sums[v] = _mm512_dpbusd_epi32(sums[v], four, columns[v]);
  }
}

/* A step of all rows. */
ALWAYS_INLINE void add_step(const uint8_t *src, int64_t stride, __m512i flip, const int8_t *weights,
                            const int rows, const int vectors, __m512i *sums) {
  __m512i columns[4];
  load_columns(weights, vectors, columns);
  UNROLL for (int r = 0; r < rows; r++) {
    const __m512i four = broadcast_four(src + r * stride);
    add_four(FLIPS ? _mm512_xor_si512(four, flip) : four, columns, vectors, sums + r * vectors);
  }
}

/* Without it the compiler copies sums from register to register in each round, and keeps what a loop without
   a round would leave apart from what it adds to, half of it in memory. */
ALWAYS_INLINE void keep(__m512i *sums, const int count) {
  UNROLL for (int i = 0; i < count; i++) {
    __asm__("" : "+v"(sums[i]));
  }
}

/* The sums of a tile. One vpdpbusd takes 4 cycles, and two start in each: a tile of few rows takes its steps
   in `split` separate sums, or it waits for itself. from_table: all rows start from the same. */
ALWAYS_INLINE void sum_tile(const struct tile *tile, const int rows, const int vectors, const int split,
                            const int from_table, __m512i *sums) {
  const __m512i flip = _mm512_set1_epi32(FLIPS ? (int32_t)tile->flip : 0);
  const int64_t stride = tile->src_stride;
  const uint8_t *src = tile->src;
  const int8_t *weights = tile->weights;
  const int8_t *ahead = tile->ahead;
  const int64_t ahead_step = tile->ahead_step;
  const int total = rows * vectors;
  /* Tables end at N. */
  const uint64_t there = ~UINT64_C(0) >> (BLOCK_COLUMNS - tile->columns);
  UNROLL for (int i = 0; i < total * split; i++) {
    const int v = i % vectors;
    const int64_t row = from_table ? 0 : i / vectors * tile->start_stride;
    sums[i] = i >= total
                  ? _mm512_setzero_si512()
                  : _mm512_maskz_loadu_epi32((__mmask16)(there >> v * LANES), tile->start + row + v * LANES);
  }
  keep(sums, total * split);
  const int32_t steps = tile->steps;
  /* Where a tile has enough sums, all runs are one loop, without a jump from run to run. */
  if (RUNS && split == 1) {
    const int64_t next_run = tile->run_stride - (int64_t)steps * 4;
    int64_t left = steps;
    int32_t all = steps * tile->runs;
    do {
      add_step(src, stride, flip, weights, rows, vectors, sums);
      keep(sums, total);
      left--;
      const int64_t ends = -(int64_t)(left == 0);
      src += 4 + (next_run & ends);
      left += steps & ends;
      weights += PANEL_COLUMNS * 4;
    } while (--all > 0);
  }
  for (int32_t run = 0; !(RUNS && split == 1) && run < (RUNS ? tile->runs : 1); run++) {
    int32_t left = steps;
    src = tile->src + (RUNS ? run * tile->run_stride : 0);
    for (; left >= split; left -= split) {
      UNROLL for (int s = 0; s < split; s++) {
        add_step(src + s * 4, stride, flip, weights + s * PANEL_COLUMNS * 4, rows, vectors, sums + s * total);
      }
      keep(sums, total * split);
      if (ASKS && split == 1) {
        _mm_prefetch((const char *)ahead, _MM_HINT_T1);
        _mm_prefetch((const char *)ahead + (ahead_step >> 1), _MM_HINT_T1);
        ahead += ahead_step;
      }
      src += 4 * split;
      weights += PANEL_COLUMNS * 4 * split;
    }
    for (; split > 1 && left > 0; left--) {
      add_step(src, stride, flip, weights, rows, vectors, sums);
      src += 4;
      weights += PANEL_COLUMNS * 4;
    }
  }
  UNROLL for (int i = total; i < total * split; i++) {
    sums[i % total] = _mm512_add_epi32(sums[i % total], sums[i]);
  }
  if (!RUNS && tile->tails != 0) {
    __m512i columns[4];
    load_columns(weights, vectors, columns);
    UNROLL for (int r = 0; r < rows; r++) {
      add_four(_mm512_set1_epi32((int32_t)tile->tails[r]), columns, vectors, sums + r * vectors);
    }
  }
}

ALWAYS_INLINE void multiply_tile(const struct tile *tile, const int rows, const int vectors,
                                 const int split) {
  __m512i sums[24];
  sum_tile(tile, rows, vectors, split, 0, sums);
  loose_int *const to = tile->sums;
  const int64_t to_stride = tile->sums_stride;
  UNROLL for (int i = 0; i < rows * vectors; i++) {
    _mm512_storeu_si512(to + i / vectors * to_stride + i % vectors * LANES, sums[i]);
  }
}

typedef void multiply_function(const struct tile *tile);

/* As many as keep the multipliers busy. */
#define SPLIT(rows, vectors) ((rows) * (vectors) <= 4 ? 4 : (rows) * (vectors) <= 8 ? 2 : 1)

#define MULTIPLY(rows, vectors)                                      \
  static void multiply_##rows##x##vectors(const struct tile *tile) { \
    multiply_tile(tile, rows, vectors, SPLIT(rows, vectors));        \
  }
#define MULTIPLY_ROWS(vectors) \
  MULTIPLY(1, vectors)         \
  MULTIPLY(2, vectors)         \
  MULTIPLY(3, vectors)         \
  MULTIPLY(4, vectors)         \
  MULTIPLY(5, vectors)         \
  MULTIPLY(6, vectors)
MULTIPLY_ROWS(1)
MULTIPLY_ROWS(2)
MULTIPLY_ROWS(3)
MULTIPLY_ROWS(4)

#define FUNCTIONS(vectors)                                                                  \
  {                                                                                         \
    multiply_1x##vectors, multiply_2x##vectors, multiply_3x##vectors, multiply_4x##vectors, \
        multiply_5x##vectors, multiply_6x##vectors                                          \
  }
static multiply_function *const MULTIPLY_FUNCTIONS[4][TILE_ROWS] = {FUNCTIONS(1), FUNCTIONS(2), FUNCTIONS(3),
                                                                    FUNCTIONS(4)};

ALWAYS_INLINE void multiply(int32_t rows, const struct tile *tile) {
  MULTIPLY_FUNCTIONS[(tile->columns - 1) / LANES][rows - 1](tile);
}

/* Tables are read by masks. */
ALWAYS_INLINE const void *readable(const void *table, int32_t columns, void *space) {
  (void)columns;
  (void)space;
  return table;
}

ALWAYS_INLINE int32_t sum_row(const uint8_t *src, int32_t k, uint32_t flip) {
  const __m512i flips = _mm512_set1_epi32((int32_t)flip);
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i sum = _mm512_setzero_si512();
  int32_t i = 0;
  for (; i + 64 <= k; i += 64) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_loadu_si512(src + i), flips), ones);
  }
  const __mmask64 rest = ((__mmask64)1 << (k - i)) - 1;
  sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_mask_loadu_epi8(flips, rest, src + i), flips), ones);
  return _mm512_reduce_add_epi32(sum);
}

/* Which of the 16 columns of a vector are there. */
ALWAYS_INLINE __mmask16 present(const struct column_block *block, int v) {
  return (__mmask16)(block->columns >= BLOCK_COLUMNS ? 0xffff
                                                     : ((UINT64_C(1) << block->columns) - 1) >> v * LANES);
}

ALWAYS_INLINE __m512i integers(const int32_t *table, const struct column_block *block, int v) {
  return _mm512_maskz_loadu_epi32(present(block, v), table + v * LANES);
}

ALWAYS_INLINE __m512 reals(const float *table, const struct column_block *block, int v) {
  return _mm512_maskz_loadu_ps(present(block, v), table + v * LANES);
}

/* Which terms sums get, besides offsets. */
struct terms_there {
  int zero_points;
  int weight_zero_points;
  int scales;
};

ALWAYS_INLINE struct terms_there terms_there(const int general, const struct column_block *block,
                                             const struct row_terms *terms) {
  const struct terms_there there = {.zero_points = general && block->zero_point_factors != 0,
                                    .weight_zero_points = general && block->weight_zero_points != 0,
                                    .scales = general && terms->scales != 0};
  return there;
}

/* The tables of 16 columns, in registers: for all the compiler knows, a row of dst may be one of them, and
   all are read again for each row, which took 3 % of 128x384x384 to F32. */
struct column_tables {
  __mmask16 there;
  __m512i zero_point_factors;
  __m512i weight_zero_points;
  __m512 multipliers;
  __m512 bias;
};

ALWAYS_INLINE struct column_tables columns_of(const struct terms_there *there, const int has_multipliers,
                                              const int has_bias, const struct column_block *block, int v) {
  const __m512i none = _mm512_setzero_si512();
  const struct column_tables columns = {
      .there = present(block, v),
      .zero_point_factors = there->zero_points ? integers(block->zero_point_factors, block, v) : none,
      .weight_zero_points = there->weight_zero_points ? integers(block->weight_zero_points, block, v) : none,
      .multipliers = has_multipliers ? reals(block->multipliers, block, v) : _mm512_setzero_ps(),
      .bias = has_bias ? reals(block->bias, block, v) : _mm512_setzero_ps()};
  return columns;
}

/* The sums of a row of 16 columns, complete. */
ALWAYS_INLINE __m512i complete(const struct terms_there *there, const int32_t *sums,
                               const struct column_tables *columns, const struct row_terms *terms,
                               int32_t row, int v) {
  __m512i sum = _mm512_load_si512(sums + row * BLOCK_COLUMNS + v * LANES);
  if (there->zero_points) {
    const __m512i zero_point = _mm512_set1_epi32(zero_point_of(terms, row));
    sum = _mm512_sub_epi32(sum, _mm512_mullo_epi32(zero_point, columns->zero_point_factors));
  }
  if (there->weight_zero_points) {
    const __m512i row_sum = _mm512_set1_epi32(terms->sums[row]);
    sum = _mm512_sub_epi32(sum, _mm512_mullo_epi32(row_sum, columns->weight_zero_points));
  }
  return sum;
}

ALWAYS_INLINE __m512 scaled(const struct terms_there *there, const int32_t *sums,
                            const struct column_tables *columns, const struct row_terms *terms, int32_t row,
                            int v) {
  const __m512 sum = _mm512_cvtepi32_ps(complete(there, sums, columns, terms, row, v));
  const __m512 multiplier = there->scales
                                ? _mm512_mul_ps(_mm512_set1_ps(terms->scales[row]), columns->multipliers)
                                : columns->multipliers;
  return _mm512_mul_ps(sum, multiplier);
}

ALWAYS_INLINE void finish_s32(const int general, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *from, loose_int *dst,
                              int64_t dst_stride) {
  const struct row_terms terms = *from;
  const struct terms_there there = terms_there(general, block, &terms);
  struct column_tables columns[4];
  UNROLL for (int v = 0; v < 4; v++) {
    columns[v] = columns_of(&there, 0, 0, block, v);
  }
  for (int32_t r = 0; r < rows; r++) {
    UNROLL for (int v = 0; v < 4; v++) {
      _mm512_mask_storeu_epi32(dst + r * dst_stride + v * LANES, columns[v].there,
                               complete(&there, sums, &columns[v], &terms, r, v));
    }
  }
}

ALWAYS_INLINE void finish_f32(const int general, const int bounded, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *from,
                              const struct output *output, loose_float *dst, int64_t dst_stride) {
  const __m512 low = _mm512_set1_ps(output->low);
  const __m512 high = _mm512_set1_ps(output->high);
  const __m512 low_zero = _mm512_set1_ps(zero_from_below(output->low));
  const __m512 high_zero = _mm512_set1_ps(zero_from_above(output->high));
  const struct row_terms terms = *from;
  const struct terms_there there = terms_there(general, block, &terms);
  struct column_tables columns[4];
  UNROLL for (int v = 0; v < 4; v++) {
    columns[v] = columns_of(&there, 1, 1, block, v);
  }
  for (int32_t r = 0; r < rows; r++) {
    UNROLL for (int v = 0; v < 4; v++) {
      __m512 t = _mm512_add_ps(scaled(&there, sums, &columns[v], &terms, r, v), columns[v].bias);
      if (bounded) {
        /* In this order both pass NaN on, and of two zeros t. */
        t = _mm512_add_ps(_mm512_max_ps(low, t), low_zero);
        t = _mm512_or_ps(_mm512_min_ps(high, t), high_zero);
      }
      _mm512_mask_storeu_ps(dst + r * dst_stride + v * LANES, columns[v].there, t);
    }
  }
}

/* Four vectors of outputs, eight bits each. Packs interleave 128-bit lanes, which is left to the caller. */
ALWAYS_INLINE __m512i to_bytes(const int is_signed, const __m512i *rounded, __m512i zero_point,
                               __m512i lowest) {
  const __m512i left = _mm512_adds_epi16(_mm512_packs_epi32(rounded[0], rounded[1]), zero_point);
  const __m512i right = _mm512_adds_epi16(_mm512_packs_epi32(rounded[2], rounded[3]), zero_point);
  return is_signed ? _mm512_max_epi8(_mm512_packs_epi16(left, right), lowest)
                   : _mm512_max_epu8(_mm512_packus_epi16(left, right), lowest);
}

/* The same where they may be all that the type has. */
ALWAYS_INLINE __m512i to_any_bytes(const int is_signed, const __m512i *rounded, __m512i zero_point) {
  const __m512i left = _mm512_adds_epi16(_mm512_packs_epi32(rounded[0], rounded[1]), zero_point);
  const __m512i right = _mm512_adds_epi16(_mm512_packs_epi32(rounded[2], rounded[3]), zero_point);
  return is_signed ? _mm512_packs_epi16(left, right) : _mm512_packus_epi16(left, right);
}

/* Whether a vector of multipliers makes integers of 32 bits of all sums: each is between -1 and 1. */
ALWAYS_INLINE int multipliers_below_1(__m512 multipliers) {
  return _mm512_cmp_ps_mask(_mm512_abs_ps(multipliers), _mm512_set1_ps(1), _CMP_LT_OQ) == 0xffff;
}

/* Whether the bounds of outputs are those of their type. */
ALWAYS_INLINE int takes_all(const int is_signed, float high, int32_t zero_point, int32_t lowest) {
  return high + (float)zero_point >= (is_signed ? 127 : 255) && lowest == (is_signed ? -128 : 0);
}

/* What the outputs of a tile of bytes need, besides its sums. */
struct byte_outputs {
  const float *multipliers;
  uint8_t *dst;
  int64_t dst_stride;
  float high;
  int32_t zero_point;
  int32_t lowest;
  int32_t is_signed;
  /* Whether they are not clamped below or above the bounds of their type. */
  int32_t takes_all;
};

/* The bytes of four vectors of sums, two of one row and two of another, or four of a row. */
ALWAYS_INLINE __m512i bytes_of(const int is_signed, const int clamps, const __m512i *sums,
                               const __m512 *multipliers, const struct byte_outputs *output) {
  const __m512 high = _mm512_set1_ps(output->high);
  const __m512i zero_point = _mm512_set1_epi16((int16_t)output->zero_point);
  const __m512i lowest = _mm512_set1_epi8((char)output->lowest);
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i rounded[4];
  UNROLL for (int v = 0; v < 4; v++) {
    const __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[v]), multipliers[v]);
    /* NaN passes, and is the least integer then: the lower bound. */
    rounded[v] = _mm512_cvtps_epi32(clamps ? _mm512_min_ps(high, t) : t);
  }
  const __m512i bytes = clamps ? to_bytes(is_signed, rounded, zero_point, lowest)
                               : to_any_bytes(is_signed, rounded, zero_point);
  return _mm512_permutexvar_epi32(order, bytes);
}

ALWAYS_INLINE void store_rows(const int is_signed, const int clamps, const int rows, const int vectors,
                              int32_t columns, const __m512i *sums, const __m512 *multipliers,
                              const struct byte_outputs *from) {
  /* A copy: what is written might be what it was read from. */
  const struct byte_outputs output = *from;
  uint8_t *dst = output.dst;
  if (vectors == 4) {
    const __mmask64 there = ~(__mmask64)0 >> (BLOCK_COLUMNS - columns);
    UNROLL for (int r = 0; r < rows; r++) {
      _mm512_mask_storeu_epi8(dst, there, bytes_of(is_signed, clamps, sums + r * 4, multipliers, &output));
      dst += output.dst_stride;
    }
    return;
  }
  const __mmask32 there = ~(__mmask32)0 >> (2 * LANES - columns);
  const __m512 twice[4] = {multipliers[0], vectors == 2 ? multipliers[1] : multipliers[0], multipliers[0],
                           vectors == 2 ? multipliers[1] : multipliers[0]};
  UNROLL for (int r = 0; r < rows; r += 2) {
    const int next = r + 1 < rows ? r + 1 : r;
    const __m512i four[4] = {sums[r * vectors], sums[r * vectors + vectors - 1], sums[next * vectors],
                             sums[next * vectors + vectors - 1]};
    const __m512i bytes = bytes_of(is_signed, clamps, four, twice, &output);
    _mm256_mask_storeu_epi8(dst, there, _mm512_castsi512_si256(bytes));
    dst += output.dst_stride;
    if (next > r) {
      _mm256_mask_storeu_epi8(dst, there, _mm512_extracti64x4_epi64(bytes, 1));
      dst += output.dst_stride;
    }
  }
}

/* The bytes of a tile, from sums that never leave registers: through memory a tile of few steps took half as
   long again. */
ALWAYS_INLINE void store_tile(const struct byte_outputs *output, const int rows, const int vectors,
                              int32_t columns, __m512i *sums) {
  keep(sums, rows * vectors);
  /* Or what outputs need is loaded before the sums, whose registers it takes. */
  __asm__("" : "+r"(output));
  __m512 multipliers[4];
  int below = output->takes_all;
  UNROLL for (int v = 0; v < vectors; v++) {
    const int32_t left = columns - v * LANES;
    const __mmask16 there = (__mmask16)(left >= LANES ? 0xffff : (1 << (left < 0 ? 0 : left)) - 1);
    multipliers[v] = _mm512_maskz_loadu_ps(there, output->multipliers + v * LANES);
    below &= multipliers_below_1(multipliers[v]);
  }
  if (below) {
    if (output->is_signed) {
      store_rows(1, 0, rows, vectors, columns, sums, multipliers, output);
    } else {
      store_rows(0, 0, rows, vectors, columns, sums, multipliers, output);
    }
  } else if (output->is_signed) {
    store_rows(1, 1, rows, vectors, columns, sums, multipliers, output);
  } else {
    store_rows(0, 1, rows, vectors, columns, sums, multipliers, output);
  }
}

ALWAYS_INLINE void multiply_to_bytes(const struct tile *tile, const struct byte_outputs *output,
                                     const int rows, const int vectors, const int split) {
  __m512i sums[24];
  sum_tile(tile, rows, vectors, split, 1, sums);
  store_tile(output, rows, vectors, tile->columns, sums);
}

typedef void bytes_function(const struct tile *tile, const struct byte_outputs *output);

enum {
  /* Whether tiles of bytes are made so. */
  FUSES = 1,
  /* Rows of a tile of up to 32 columns. */
  NARROW_ROWS = 12
};

#define TO_BYTES(rows, vectors)                                                                         \
  static void to_bytes_##rows##x##vectors(const struct tile *tile, const struct byte_outputs *output) { \
    multiply_to_bytes(tile, output, rows, vectors, SPLIT(rows, vectors));                               \
  }
#define TO_BYTES_6(vectors) \
  TO_BYTES(1, vectors)      \
  TO_BYTES(2, vectors)      \
  TO_BYTES(3, vectors)      \
  TO_BYTES(4, vectors)      \
  TO_BYTES(5, vectors)      \
  TO_BYTES(6, vectors)
#define TO_BYTES_12(vectors) \
  TO_BYTES_6(vectors)        \
  TO_BYTES(7, vectors)       \
  TO_BYTES(8, vectors)       \
  TO_BYTES(9, vectors)       \
  TO_BYTES(10, vectors)      \
  TO_BYTES(11, vectors)      \
  TO_BYTES(12, vectors)
TO_BYTES_12(1)
TO_BYTES_12(2)
TO_BYTES_6(4)

#define BYTES_6(vectors)                                                                  \
  to_bytes_1x##vectors, to_bytes_2x##vectors, to_bytes_3x##vectors, to_bytes_4x##vectors, \
      to_bytes_5x##vectors, to_bytes_6x##vectors
#define BYTES_12(vectors)                                                                                    \
  BYTES_6(vectors), to_bytes_7x##vectors, to_bytes_8x##vectors, to_bytes_9x##vectors, to_bytes_10x##vectors, \
      to_bytes_11x##vectors, to_bytes_12x##vectors
static bytes_function *const BYTES_FUNCTIONS[4][NARROW_ROWS] = {
    {BYTES_12(1)}, {BYTES_12(2)}, {BYTES_6(4)}, {BYTES_6(4)}};

ALWAYS_INLINE struct byte_outputs byte_outputs_of(const int is_signed, const struct column_block *block,
                                                  const struct output *output, uint8_t *dst,
                                                  int64_t dst_stride) {
  const struct byte_outputs outputs = {.multipliers = block->multipliers,
                                       .dst = dst,
                                       .dst_stride = dst_stride,
                                       .high = output->high,
                                       .zero_point = output->zero_point,
                                       .lowest = (int32_t)output->low + output->zero_point,
                                       .is_signed = is_signed,
                                       .takes_all = takes_all(is_signed, output->high, output->zero_point,
                                                              (int32_t)output->low + output->zero_point)};
  return outputs;
}

/* Bytes of a tile, whose sums no term of rows completes. */
ALWAYS_INLINE void fused_bytes(const int is_signed, int32_t rows, const struct tile *tile,
                               const struct column_block *block, const struct output *output, uint8_t *dst,
                               int64_t dst_stride) {
  const struct byte_outputs outputs = byte_outputs_of(is_signed, block, output, dst, dst_stride);
  BYTES_FUNCTIONS[(tile->columns - 1) / LANES][rows - 1](tile, &outputs);
}

/* Up to 32 columns: two rows at a time. */
ALWAYS_INLINE void finish_narrow_bytes(const int is_signed, const int general, const int32_t *sums,
                                       int32_t rows, const struct column_block *block,
                                       const struct row_terms *from, const struct output *output,
                                       uint8_t *dst, int64_t dst_stride) {
  const __m512 high = _mm512_set1_ps(output->high);
  const __m512i zero_point = _mm512_set1_epi16((int16_t)output->zero_point);
  const __m512i lowest = _mm512_set1_epi8((char)((int32_t)output->low + output->zero_point));
  /* Fours of columns 0 16 of the first row, 0 16 of the second, 4 20 of the first .. */
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __mmask32 all = ~(__mmask32)0 >> (32 - block->columns);
  const struct row_terms terms = *from;
  const struct terms_there there = terms_there(general, block, &terms);
  const struct column_tables columns[2] = {columns_of(&there, 1, 0, block, 0),
                                           columns_of(&there, 1, 0, block, 1)};
  for (int32_t r = 0; r < rows; r += 2) {
    const int32_t second = at_most(r + 1, rows - 1);
    __m512i rounded[4];
    UNROLL for (int v = 0; v < 4; v++) {
      /* NaN passes, and is the least integer then: the lower bound. */
      rounded[v] = _mm512_cvtps_epi32(
          _mm512_min_ps(high, scaled(&there, sums, &columns[v % 2], &terms, v < 2 ? r : second, v % 2)));
    }
    const __m512i bytes = _mm512_permutexvar_epi32(order, to_bytes(is_signed, rounded, zero_point, lowest));
    _mm256_mask_storeu_epi8(dst + r * dst_stride, all, _mm512_castsi512_si256(bytes));
    _mm256_mask_storeu_epi8(dst + second * dst_stride, all, _mm512_extracti64x4_epi64(bytes, 1));
  }
}

ALWAYS_INLINE void finish_bytes(const int is_signed, const int general, const int32_t *sums, int32_t rows,
                                const struct column_block *block, const struct row_terms *from,
                                const struct output *output, uint8_t *dst, int64_t dst_stride) {
  if (block->columns <= 2 * LANES) {
    finish_narrow_bytes(is_signed, general, sums, rows, block, from, output, dst, dst_stride);
    return;
  }
  const __m512 high = _mm512_set1_ps(output->high);
  const __m512i zero_point = _mm512_set1_epi16((int16_t)output->zero_point);
  const __m512i lowest = _mm512_set1_epi8((char)((int32_t)output->low + output->zero_point));
  /* Packs interleave 128-bit lanes: fours of columns 0 16 32 48 4 20 .. */
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __mmask64 all = ~(__mmask64)0 >> (BLOCK_COLUMNS - block->columns);
  const struct row_terms terms = *from;
  const struct terms_there there = terms_there(general, block, &terms);
  struct column_tables columns[4];
  UNROLL for (int v = 0; v < 4; v++) {
    columns[v] = columns_of(&there, 1, 0, block, v);
  }
  for (int32_t r = 0; r < rows; r++) {
    __m512i rounded[4];
    UNROLL for (int v = 0; v < 4; v++) {
      /* NaN passes, and is the least integer then: the lower bound. */
      rounded[v] = _mm512_cvtps_epi32(_mm512_min_ps(high, scaled(&there, sums, &columns[v], &terms, r, v)));
    }
    const __m512i bytes = to_bytes(is_signed, rounded, zero_point, lowest);
    _mm512_mask_storeu_epi8(dst + r * dst_stride, all, _mm512_permutexvar_epi32(order, bytes));
  }
}

/* Offsets are read by masks, as other tables. */
ALWAYS_INLINE void gather(const loose_int *sums, const int32_t *offsets, int32_t columns, int32_t *to) {
  for (int32_t c = 0; c < columns; c += LANES) {
    const __mmask16 there = (__mmask16)(columns - c >= LANES ? 0xffff : (1 << (columns - c)) - 1);
    const __m512i row = _mm512_maskz_loadu_epi32(there, sums + c);
    _mm512_store_si512(to + c, _mm512_add_epi32(row, _mm512_maskz_loadu_epi32(there, offsets + c)));
  }
}
