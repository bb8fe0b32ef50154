/* Bytes of a product whose K is up to 16: all weights of 64 columns stay in registers while rows pass, or
   those of 32 columns while two rows pass at a time. In tiles weights are loaded anew for every 6 or 12 rows,
   and a tile ends before the next one begins: 16 -> 96 channels of 112x112 take 90 us so, and 73 row by row.
   Longer K by 32 columns is no faster than tiles (K = 32) or slower (3x3 windows of 3 channels), and so are
   16 columns. */

enum { MOST_STEPS = 4 };

ALWAYS_INLINE void multiply_rows(const int is_signed, const int clamps, const int vectors, const int steps,
                                 const struct tile *tile, const struct byte_outputs *from, int32_t rows) {
  /* Copies: what is written might be what they were read from. */
  const struct byte_outputs output = *from;
  const int64_t stride = tile->src_stride;
  const int together = 4 / vectors;
  const __m512i flip = _mm512_set1_epi32((int32_t)tile->flip);
  const __mmask64 there = ~(__mmask64)0 >> (BLOCK_COLUMNS - tile->columns);
  __m512i weights[4 * MOST_STEPS];
  __m512i start[4];
  __m512 multipliers[4];
  UNROLL for (int i = 0; i < steps; i++) {
    load_columns(tile->weights + i * PANEL_COLUMNS * 4, vectors, weights + i * vectors);
  }
  UNROLL for (int v = 0; v < 4; v++) {
    const int at = v % vectors;
    const __mmask16 here = (__mmask16)(there >> at * LANES);
    start[v] = _mm512_maskz_loadu_epi32(here, tile->start + at * LANES);
    multipliers[v] = _mm512_maskz_loadu_ps(here, output.multipliers + at * LANES);
  }
  const uint8_t *src = tile->src;
  uint8_t *dst = output.dst;
  for (int32_t row = 0; row < rows; row += together) {
    const int both = together == 2 && row + 1 < rows;
    const uint8_t *const of[2] = {src, both ? src + stride : src};
    __m512i sums[4];
    UNROLL for (int v = 0; v < 4; v++) {
      sums[v] = start[v];
    }
    UNROLL for (int i = 0; i < steps; i++) {
      UNROLL for (int r = 0; r < together; r++) {
        const __m512i four = broadcast_four(of[r] + i * 4);
        add_four(is_signed ? _mm512_xor_si512(four, flip) : four, weights + i * vectors, vectors,
                 sums + r * vectors);
      }
    }
    const __m512i bytes = bytes_of(is_signed, clamps, sums, multipliers, &output);
    if (vectors == 4) {
      _mm512_mask_storeu_epi8(dst, there, bytes);
    } else {
      _mm256_mask_storeu_epi8(dst, (__mmask32)there, _mm512_castsi512_si256(bytes));
      if (both) {
        _mm256_mask_storeu_epi8(dst + output.dst_stride, (__mmask32)there,
                                _mm512_extracti64x4_epi64(bytes, 1));
      }
    }
    src += together * stride;
    dst += together * output.dst_stride;
  }
}

typedef void rows_function(const struct tile *tile, const struct byte_outputs *output, int32_t rows);

#define ROWS(name, is_signed, clamps, vectors, steps)                                                    \
  static __attribute__((noinline)) void name(const struct tile *tile, const struct byte_outputs *output, \
                                             int32_t rows) {                                             \
    multiply_rows(is_signed, clamps, vectors, steps, tile, output, rows);                                \
  }
#define ROWS_BY(vectors, steps)                                   \
  ROWS(rows_u8_##steps##x##vectors, 0, 0, vectors, steps)         \
  ROWS(rows_u8_clamped_##steps##x##vectors, 0, 1, vectors, steps) \
  ROWS(rows_s8_##steps##x##vectors, 1, 0, vectors, steps)         \
  ROWS(rows_s8_clamped_##steps##x##vectors, 1, 1, vectors, steps)
ROWS_BY(2, 2)
ROWS_BY(2, 3)
ROWS_BY(2, 4)
ROWS_BY(4, 2)
ROWS_BY(4, 3)
ROWS_BY(4, 4)

#define ROWS_OF(vectors, steps)                                           \
  {                                                                       \
    {rows_u8_##steps##x##vectors, rows_u8_clamped_##steps##x##vectors}, { \
      rows_s8_##steps##x##vectors, rows_s8_clamped_##steps##x##vectors    \
    }                                                                     \
  }
/* By columns beyond 32, steps from 2, the sign of outputs, and whether they are clamped. */
static rows_function *const ROWS_FUNCTIONS[2][MOST_STEPS - 1][2][2] = {
    {ROWS_OF(2, 2), ROWS_OF(2, 3), ROWS_OF(2, 4)}, {ROWS_OF(4, 2), ROWS_OF(4, 3), ROWS_OF(4, 4)}};

/* Whether rows of some fours are multiplied so: there must be enough to load weights for. */
ALWAYS_INLINE int multiplies_rows(int32_t steps, int32_t rows, int32_t columns) {
  return steps >= 2 && steps <= MOST_STEPS && rows >= 2 * TILE_ROWS && columns > LANES;
}

ALWAYS_INLINE void rows_bytes(const int is_signed, const struct tile *tile, const struct column_block *block,
                              const struct output *output, uint8_t *dst, int64_t dst_stride, int32_t rows) {
  const struct byte_outputs to = byte_outputs_of(is_signed, block, output, dst, dst_stride);
  int below = to.takes_all;
  for (int v = 0; v < 4; v++) {
    below &= multipliers_below_1(reals(block->multipliers, block, v));
  }
  ROWS_FUNCTIONS[tile->columns > 2 * LANES][tile->steps - 2][is_signed][!below](tile, &to, rows);
}
