/* What both products of weights in groups share on 512 bits: panels of 32 columns as two vectors; the scales
   and zero points of a block; from a sum to the result. */
#ifndef OCTET_GROUP_512_H
#define OCTET_GROUP_512_H

#include <immintrin.h>

#include "group_layout.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum { VECTOR_COLUMNS = 16, PANEL_COLUMNS = 32 };

typedef __m512 floats;
typedef __m512i lanes;

ALWAYS_INLINE floats floats_of(float x) {
  return _mm512_set1_ps(x);
}

ALWAYS_INLINE floats floats_of_lanes(lanes x) {
  return _mm512_cvtepi32_ps(x);
}

ALWAYS_INLINE floats multiplied(floats a, floats b) {
  return _mm512_mul_ps(a, b);
}

ALWAYS_INLINE floats added(floats a, floats b) {
  return _mm512_add_ps(a, b);
}

ALWAYS_INLINE floats fused(floats a, floats b, floats c) {
  return _mm512_fmadd_ps(a, b, c);
}

ALWAYS_INLINE floats load_floats(const float *from) {
  return _mm512_load_ps(from);
}

ALWAYS_INLINE void store_floats(float *to, floats x) {
  _mm512_store_ps(to, x);
}

ALWAYS_INLINE lanes load_lanes(const void *from) {
  return _mm512_loadu_si512(from);
}

/* For what is used twice: the compiler would load it twice. */
ALWAYS_INLINE lanes load_once(const void *from) {
  lanes x = load_lanes(from);
  __asm__("" : "+v"(x));
  return x;
}

ALWAYS_INLINE lanes lanes_of(int32_t x) {
  return _mm512_set1_epi32(x);
}

/* Each lane's two halves of 16 bits multiplied and added. */
ALWAYS_INLINE lanes multiplied_halves(lanes a, lanes b) {
  return _mm512_madd_epi16(a, b);
}

ALWAYS_INLINE lanes low_nibbles(lanes x) {
  return _mm512_and_si512(x, _mm512_set1_epi8(0xf));
}

ALWAYS_INLINE lanes high_nibbles(lanes x) {
  return low_nibbles(_mm512_srli_epi16(x, 4));
}

ALWAYS_INLINE lanes high_nibbles_in_place(lanes x) {
  return _mm512_and_si512(x, _mm512_set1_epi8((char)0xf0));
}

/* For multiples of 16. */
ALWAYS_INLINE lanes add_sixteenth(lanes sum, lanes x) {
  return _mm512_add_epi32(sum, _mm512_srai_epi32(x, 4));
}

/* Scales of 16 columns from a column of the block on. The branches go the same way for the whole run. */
ALWAYS_INLINE floats load_scales(int32_t scale_type, const uint8_t *block, int32_t column) {
  if (scale_type == OCTET_SCALES_F32) {
    return _mm512_loadu_ps(block + 4 * column);
  }
  const __m256i narrow = _mm256_loadu_si256((const __m256i *)(const void *)(block + 2 * column));
  if (scale_type == OCTET_SCALES_F16) {
    return _mm512_cvtph_ps(narrow);
  }
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow), 16));
}

/* 8-bit lanes that a mask selects from a vector whose 32-bit lanes are shifted, left or, below 0, right; and
   the other bits of another one. */
ALWAYS_INLINE lanes joined(lanes x, int32_t left, int32_t mask, lanes below) {
  const lanes shifted =
      left >= 0 ? _mm512_slli_epi32(x, (unsigned)left) : _mm512_srli_epi32(x, (unsigned)-left);
  return _mm512_ternarylogic_epi32(shifted, _mm512_set1_epi8((char)mask), below, 0xea); /* (a & b) | c */
}

/* 16 bytes, for each number from 0 to 15; and the numbers that nibbles are, as looked_up takes them. */
ALWAYS_INLINE lanes load_table(const uint8_t *from) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)from));
}

#ifdef __AVX512VBMI__
/* What a permutation of 64 bytes does not look at may be anything: both tables of 16 are four times the same,
   so that it looks at four bits. */
ALWAYS_INLINE lanes low_numbers(lanes x) {
  return x;
}

ALWAYS_INLINE lanes high_numbers(lanes x) {
  return _mm512_srli_epi16(x, 4);
}

ALWAYS_INLINE lanes looked_up(lanes table, lanes numbers) {
  return _mm512_permutexvar_epi8(numbers, table);
}
#else
ALWAYS_INLINE lanes low_numbers(lanes x) {
  return low_nibbles(x);
}

ALWAYS_INLINE lanes high_numbers(lanes x) {
  return high_nibbles(x);
}

ALWAYS_INLINE lanes looked_up(lanes table, lanes numbers) {
  return _mm512_shuffle_epi8(table, numbers);
}
#endif

/* 16 signed bytes to integers. */
ALWAYS_INLINE lanes load_signed_bytes(const uint8_t *bytes) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

ALWAYS_INLINE floats floats_of_bits(lanes x) {
  return _mm512_castsi512_ps(x);
}

ALWAYS_INLINE lanes shifted_left(lanes x, int32_t by) {
  return _mm512_slli_epi32(x, (unsigned)by);
}

ALWAYS_INLINE lanes subtracted(lanes a, lanes b) {
  return _mm512_sub_epi32(a, b);
}

/* The greater, as signed integers. */
ALWAYS_INLINE lanes greater(lanes a, lanes b) {
  return _mm512_max_epi32(a, b);
}

/* 16 bytes to integers. */
ALWAYS_INLINE lanes load_zero_points(const uint8_t *bytes) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

/* A mask for the first columns of a vector; count may be negative or more than 16. */
ALWAYS_INLINE __mmask16 first_columns(int32_t count) {
  return (__mmask16)(count >= VECTOR_COLUMNS ? 0xffff : count <= 0 ? 0 : (1u << count) - 1);
}

/* Math.max: NaN stays, 0 is greater than -0, which differ in the sign bit alone. */
ALWAYS_INLINE floats java_max(floats y, floats low) {
  const __mmask16 less = _mm512_cmp_ps_mask(y, low, _CMP_LT_OQ);
  const __mmask16 equal = _mm512_cmp_ps_mask(y, low, _CMP_EQ_OQ);
  return _mm512_mask_mov_ps(_mm512_mask_and_ps(y, equal, y, low), less, low);
}

/* Math.min. */
ALWAYS_INLINE floats java_min(floats y, floats high) {
  const __mmask16 greater = _mm512_cmp_ps_mask(y, high, _CMP_GT_OQ);
  const __mmask16 equal = _mm512_cmp_ps_mask(y, high, _CMP_EQ_OQ);
  return _mm512_mask_mov_ps(_mm512_mask_or_ps(y, equal, y, high), greater, high);
}

/* The first floats, 0 for the others. */
ALWAYS_INLINE floats load_first(const float *from, int32_t count) {
  return _mm512_maskz_loadu_ps(first_columns(count), from);
}

ALWAYS_INLINE void store_first(float *to, int32_t count, floats x) {
  _mm512_mask_storeu_ps(to, first_columns(count), x);
}

#endif
