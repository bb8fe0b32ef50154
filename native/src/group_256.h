/* What both products of weights in groups share on 256 bits: panels of 16 columns as two vectors; the scales
   and zero points of a block; from a sum to the result. */
#ifndef OCTET_GROUP_256_H
#define OCTET_GROUP_256_H

#include <immintrin.h>

#include "group_layout.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum { VECTOR_COLUMNS = 8, PANEL_COLUMNS = 16 };

typedef __m256 floats;
typedef __m256i lanes;

ALWAYS_INLINE floats floats_of(float x) {
  return _mm256_set1_ps(x);
}

ALWAYS_INLINE floats floats_of_lanes(lanes x) {
  return _mm256_cvtepi32_ps(x);
}

ALWAYS_INLINE floats multiplied(floats a, floats b) {
  return _mm256_mul_ps(a, b);
}

ALWAYS_INLINE floats added(floats a, floats b) {
  return _mm256_add_ps(a, b);
}

ALWAYS_INLINE floats fused(floats a, floats b, floats c) {
  return _mm256_fmadd_ps(a, b, c);
}

ALWAYS_INLINE floats load_floats(const float *from) {
  return _mm256_load_ps(from);
}

ALWAYS_INLINE void store_floats(float *to, floats x) {
  _mm256_store_ps(to, x);
}

ALWAYS_INLINE lanes load_lanes(const void *from) {
  return _mm256_loadu_si256(from);
}

/* For what is used twice: the compiler would load it twice. */
ALWAYS_INLINE lanes load_once(const void *from) {
  lanes x = load_lanes(from);
  __asm__("" : "+x"(x));
  return x;
}

ALWAYS_INLINE lanes lanes_of(int32_t x) {
  return _mm256_set1_epi32(x);
}

/* Each lane's two halves of 16 bits multiplied and added. */
ALWAYS_INLINE lanes multiplied_halves(lanes a, lanes b) {
  return _mm256_madd_epi16(a, b);
}

ALWAYS_INLINE lanes low_nibbles(lanes x) {
  return _mm256_and_si256(x, _mm256_set1_epi8(0xf));
}

ALWAYS_INLINE lanes high_nibbles(lanes x) {
  return low_nibbles(_mm256_srli_epi16(x, 4));
}

ALWAYS_INLINE lanes high_nibbles_in_place(lanes x) {
  return _mm256_and_si256(x, _mm256_set1_epi8((char)0xf0));
}

/* For multiples of 16. */
ALWAYS_INLINE lanes add_sixteenth(lanes sum, lanes x) {
  return _mm256_add_epi32(sum, _mm256_srai_epi32(x, 4));
}

/* Scales of 8 columns from a column of the block on. The branches go the same way for the whole run. */
ALWAYS_INLINE floats load_scales(int32_t scale_type, const uint8_t *block, int32_t column) {
  if (scale_type == OCTET_SCALES_F32) {
    return _mm256_castsi256_ps(load_lanes(block + 4 * column));
  }
  const __m128i narrow = _mm_loadu_si128((const __m128i *)(const void *)(block + 2 * column));
  if (scale_type == OCTET_SCALES_F16) {
    return _mm256_cvtph_ps(narrow);
  }
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
}

/* 8-bit lanes that a mask selects from a vector whose 32-bit lanes are shifted, left or, below 0, right; and
   the other bits of another one. */
ALWAYS_INLINE lanes joined(lanes x, int32_t left, int32_t mask, lanes below) {
  const lanes shifted = left >= 0 ? _mm256_slli_epi32(x, left) : _mm256_srli_epi32(x, -left);
  return _mm256_or_si256(_mm256_and_si256(shifted, _mm256_set1_epi8((char)mask)), below);
}

/* 16 bytes, for each number from 0 to 15. */
ALWAYS_INLINE lanes load_table(const uint8_t *from) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)from));
}

ALWAYS_INLINE lanes low_numbers(lanes x) {
  return low_nibbles(x);
}

ALWAYS_INLINE lanes high_numbers(lanes x) {
  return high_nibbles(x);
}

ALWAYS_INLINE lanes looked_up(lanes table, lanes numbers) {
  return _mm256_shuffle_epi8(table, numbers);
}

/* 8 signed bytes to integers. */
ALWAYS_INLINE lanes load_signed_bytes(const uint8_t *bytes) {
  return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)bytes));
}

ALWAYS_INLINE floats floats_of_bits(lanes x) {
  return _mm256_castsi256_ps(x);
}

ALWAYS_INLINE lanes shifted_left(lanes x, int32_t by) {
  return _mm256_slli_epi32(x, by);
}

ALWAYS_INLINE lanes subtracted(lanes a, lanes b) {
  return _mm256_sub_epi32(a, b);
}

/* The greater, as signed integers. */
ALWAYS_INLINE lanes greater(lanes a, lanes b) {
  return _mm256_max_epi32(a, b);
}

/* 8 bytes to integers. */
ALWAYS_INLINE lanes load_zero_points(const uint8_t *bytes) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)bytes));
}

/* A mask for the first columns of a vector; count may be negative or more than 8. */
ALWAYS_INLINE lanes first_columns(int32_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Math.max: NaN stays (max gives the second of a NaN and another), 0 is greater than -0: of two zeros the
   sign bits are joined by and. */
ALWAYS_INLINE floats java_max(floats y, floats low) {
  const __m256 equal = _mm256_cmp_ps(y, low, _CMP_EQ_OQ);
  return _mm256_blendv_ps(_mm256_max_ps(low, y), _mm256_and_ps(y, low), equal);
}

/* Math.min. */
ALWAYS_INLINE floats java_min(floats y, floats high) {
  const __m256 equal = _mm256_cmp_ps(y, high, _CMP_EQ_OQ);
  return _mm256_blendv_ps(_mm256_min_ps(high, y), _mm256_or_ps(y, high), equal);
}

/* The first floats, 0 for the others. */
ALWAYS_INLINE floats load_first(const float *from, int32_t count) {
  return _mm256_maskload_ps(from, first_columns(count));
}

ALWAYS_INLINE void store_first(float *to, int32_t count, floats x) {
  _mm256_maskstore_ps(to, first_columns(count), x);
}

#endif
