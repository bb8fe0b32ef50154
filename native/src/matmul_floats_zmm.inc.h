/* Floats of a product, from sums that never leave registers. With weights of 10 MB by turns, one scale and
   zero point for all rows, 128x384x384 took 88.7 us through memory and takes 85.3, 128x384x1536 354 and 342,
   of 79.8 and 319 that multiplying takes (Zen 4). Where rows have terms of their own the same gained 1 %: not
   done. */

struct float_outputs {
  const float *multipliers;
  const float *bias;
  loose_float *dst;
  int64_t dst_stride;
};

/* Column by column: sums take 24 registers. */
ALWAYS_INLINE void multiply_to_floats(const struct tile *tile, const struct float_outputs *output,
                                      const int rows, const int split) {
  __m512i sums[24];
  sum_tile(tile, rows, 4, split, 1, sums);
  keep(sums, rows * 4);
  /* Or what outputs need is loaded before the sums, whose registers it takes. */
  __asm__("" : "+r"(output));
  const uint64_t all = ~UINT64_C(0) >> (BLOCK_COLUMNS - tile->columns);
  const int64_t dst_stride = output->dst_stride;
  UNROLL for (int v = 0; v < 4; v++) {
    const __mmask16 there = (__mmask16)(all >> v * LANES);
    const __m512 multipliers = _mm512_maskz_loadu_ps(there, output->multipliers + v * LANES);
    const __m512 bias = _mm512_maskz_loadu_ps(there, output->bias + v * LANES);
    loose_float *dst = output->dst + v * LANES;
    UNROLL for (int r = 0; r < rows; r++) {
      const __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[r * 4 + v]), multipliers);
      _mm512_mask_storeu_ps(dst, there, _mm512_add_ps(t, bias));
      dst += dst_stride;
    }
  }
}

typedef void floats_function(const struct tile *tile, const struct float_outputs *output);

#define TO_FLOATS(rows)                                                                       \
  static void to_floats_##rows(const struct tile *tile, const struct float_outputs *output) { \
    multiply_to_floats(tile, output, rows, SPLIT(rows, 4));                                   \
  }
TO_FLOATS(1)
TO_FLOATS(2)
TO_FLOATS(3)
TO_FLOATS(4)
TO_FLOATS(5)
TO_FLOATS(6)

static floats_function *const FLOATS_FUNCTIONS[TILE_ROWS] = {to_floats_1, to_floats_2, to_floats_3,
                                                             to_floats_4, to_floats_5, to_floats_6};

/* Whole tiles without bounds: the others are few, and would double this code. */
ALWAYS_INLINE int fuses_floats(int32_t columns, const struct output *output) {
  return columns > 3 * LANES && output->low == -__builtin_inff() && output->high == __builtin_inff();
}

/* Floats of a tile, whose sums no term of rows completes. */
ALWAYS_INLINE void fused_floats(int32_t rows, const struct tile *tile, const struct column_block *block,
                                loose_float *dst, int64_t dst_stride) {
  const struct float_outputs outputs = {block->multipliers, block->bias, dst, dst_stride};
  FLOATS_FUNCTIONS[rows - 1](tile, &outputs);
}
