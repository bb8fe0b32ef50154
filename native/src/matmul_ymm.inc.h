/* What the two tiers of 256 bits share: all but the multiplication. */

enum { LANES = 8, PANEL_COLUMNS = 16, ASKS = 0, FUSES = 0, NARROW_ROWS = TILE_ROWS };

#include "matmul_readable.inc.h"

static int32_t sum_row(const uint8_t *src, int32_t k, uint32_t flip) {
  const __m256i flips = _mm256_set1_epi32((int32_t)flip);
  __m256i sum = _mm256_setzero_si256();
  int32_t i = 0;
  for (; i + 32 <= k; i += 32) {
    const __m256i bytes = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(src + i)), flips);
    sum = _mm256_add_epi64(sum, _mm256_sad_epu8(bytes, _mm256_setzero_si256()));
  }
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  int32_t total = _mm_cvtsi128_si32(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
  for (; i < k; i++) {
    total += src[i] ^ (uint8_t)flip;
  }
  return total;
}

ALWAYS_INLINE __m256i load_integers(const int32_t *from) {
  return _mm256_loadu_si256((const __m256i *)from);
}

/* What is not there is not read, and never written to an output. */
ALWAYS_INLINE void gather(const loose_int *sums, const int32_t *offsets, int32_t columns, int32_t *to) {
  int32_t c = 0;
  for (; c + LANES <= columns; c += LANES) {
    _mm256_store_si256((__m256i *)(to + c), _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(sums + c)),
                                                             load_integers(offsets + c)));
  }
  for (; c < columns; c++) {
    to[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)offsets[c]);
  }
}

/* The sums of 8 columns, complete. */
ALWAYS_INLINE __m256i complete(const int general, const int32_t *sums, const struct column_block *block,
                               const struct row_terms *terms, int32_t row, int v) {
  __m256i sum = load_integers(sums + row * BLOCK_COLUMNS + v * LANES);
  if (general && block->zero_point_factors != 0) {
    const int32_t zero_point =
        (terms->zero_points == 0 ? 0 : terms->zero_points[row]) + terms->zero_point_shift;
    sum = _mm256_sub_epi32(sum, _mm256_mullo_epi32(_mm256_set1_epi32(zero_point),
                                                   load_integers(block->zero_point_factors + v * LANES)));
  }
  if (general && block->weight_zero_points != 0) {
    const __m256i row_sum = _mm256_set1_epi32(terms->sums[row]);
    sum = _mm256_sub_epi32(sum,
                           _mm256_mullo_epi32(row_sum, load_integers(block->weight_zero_points + v * LANES)));
  }
  return sum;
}

ALWAYS_INLINE __m256 scaled(const int general, const int32_t *sums, const struct column_block *block,
                            const struct row_terms *terms, int32_t row, int v) {
  const __m256 sum = _mm256_cvtepi32_ps(complete(general, sums, block, terms, row, v));
  __m256 multiplier = _mm256_loadu_ps(block->multipliers + v * LANES);
  if (general && terms->scales != 0) {
    multiplier = _mm256_mul_ps(_mm256_set1_ps(terms->scales[row]), multiplier);
  }
  return _mm256_mul_ps(sum, multiplier);
}

/* Which of the 8 columns of a vector are there. */
ALWAYS_INLINE __m256i present(const struct column_block *block, int v) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(block->columns - v * LANES),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

ALWAYS_INLINE void finish_s32(const int general, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *terms, loose_int *dst,
                              int64_t dst_stride) {
  for (int v = 0; v < BLOCK_COLUMNS / LANES && v * LANES < block->columns; v++) {
    const __m256i columns = present(block, v);
    for (int32_t r = 0; r < rows; r++) {
      _mm256_maskstore_epi32((int *)(dst + r * dst_stride + v * LANES), columns,
                             complete(general, sums, block, terms, r, v));
    }
  }
}

ALWAYS_INLINE void finish_f32(const int general, const int bounded, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *terms,
                              const struct output *output, loose_float *dst, int64_t dst_stride) {
  const __m256 low = _mm256_set1_ps(output->low);
  const __m256 high = _mm256_set1_ps(output->high);
  const __m256 low_zero = _mm256_set1_ps(zero_from_below(output->low));
  const __m256 high_zero = _mm256_set1_ps(zero_from_above(output->high));
  for (int v = 0; v < BLOCK_COLUMNS / LANES && v * LANES < block->columns; v++) {
    const __m256i columns = present(block, v);
    for (int32_t r = 0; r < rows; r++) {
      __m256 t =
          _mm256_add_ps(scaled(general, sums, block, terms, r, v), _mm256_loadu_ps(block->bias + v * LANES));
      if (bounded) {
        /* In this order both pass NaN on, and of two zeros t. */
        t = _mm256_add_ps(_mm256_max_ps(low, t), low_zero);
        t = _mm256_or_ps(_mm256_min_ps(high, t), high_zero);
      }
      _mm256_maskstore_ps((float *)(dst + r * dst_stride + v * LANES), columns, t);
    }
  }
}

ALWAYS_INLINE void finish_bytes(const int is_signed, const int general, const int32_t *sums, int32_t rows,
                                const struct column_block *block, const struct row_terms *terms,
                                const struct output *output, uint8_t *dst, int64_t dst_stride) {
  const __m256 high = _mm256_set1_ps(output->high);
  const __m256i zero_point = _mm256_set1_epi16((int16_t)output->zero_point);
  const __m256i lowest = _mm256_set1_epi8((char)((int32_t)output->low + output->zero_point));
  /* Packs interleave 128-bit lanes: fours of columns 0 8 16 24 4 12 20 28. */
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (int32_t column = 0; column < block->columns; column += 4 * LANES) {
    for (int32_t r = 0; r < rows; r++) {
      __m256i rounded[4];
      UNROLL for (int v = 0; v < 4; v++) {
        /* NaN passes, and is the least integer then: the lower bound. */
        rounded[v] = _mm256_cvtps_epi32(
            _mm256_min_ps(high, scaled(general, sums, block, terms, r, column / LANES + v)));
      }
      const __m256i left = _mm256_adds_epi16(_mm256_packs_epi32(rounded[0], rounded[1]), zero_point);
      const __m256i right = _mm256_adds_epi16(_mm256_packs_epi32(rounded[2], rounded[3]), zero_point);
      __m256i bytes = is_signed ? _mm256_max_epi8(_mm256_packs_epi16(left, right), lowest)
                                : _mm256_max_epu8(_mm256_packus_epi16(left, right), lowest);
      bytes = _mm256_permutevar8x32_epi32(bytes, order);
      uint8_t *to = dst + r * dst_stride + column;
      if (block->columns - column >= 4 * LANES) {
        _mm256_storeu_si256((__m256i *)to, bytes);
      } else {
        _Alignas(32) uint8_t all[32];
        _mm256_store_si256((__m256i *)all, bytes);
        for (int32_t c = 0; c < block->columns - column; c++) {
          to[c] = all[c];
        }
      }
    }
  }
}

#include "matmul_unfused.inc.h"
