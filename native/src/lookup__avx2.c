/* AVX2: a table of 256 bytes as 16 shuffles of 16 entries. A shuffle gives 0 where the index is negative.
   With differences (XOR) of neighbouring parts of the table in place of the parts, lower parts need not be
   masked out: index - 16 * i is >= 0 for every i up to the part that the index lies in, and the differences
   up to there add up to the entry. Bytes from 128 on do the same in the upper half, so that signed saturation
   keeps those of the other half negative all the way. */
#include "kernels.h"
#include "vector__avx2.h"

enum { PARTS = 8, VECTOR = 32 };

INLINE __m256i look_up_half(const __m256i parts[PARTS], __m256i index) {
  const __m256i part = _mm256_set1_epi8(16);
  __m256i y = _mm256_shuffle_epi8(parts[0], index);
#pragma GCC unroll 7
  for (int i = 1; i < PARTS; i++) {
    index = _mm256_subs_epi8(index, part);
    y = _mm256_xor_si256(y, _mm256_shuffle_epi8(parts[i], index));
  }
  return y;
}

INLINE __m256i look_up(const __m256i lower[PARTS], const __m256i upper[PARTS], __m256i x) {
  return _mm256_xor_si256(look_up_half(lower, x),
                          look_up_half(upper, _mm256_xor_si256(x, _mm256_set1_epi8(-128))));
}

static void differences(const uint8_t *table, __m256i parts[PARTS]) {
  __m128i before = _mm_setzero_si128();
  for (int i = 0; i < PARTS; i++) {
    const __m128i part = _mm_loadu_si128((const __m128i *)(table + 16 * i));
    parts[i] = _mm256_broadcastsi128_si256(_mm_xor_si128(part, before));
    before = part;
  }
}

void octet_u8_u8_pt_lookup_1x32__avx2(const uint8_t *table, const void *src, void *dst, int64_t count) {
  const char *x = src;
  char *y = dst;
  if (count >= VECTOR) {
    __m256i lower[PARTS];
    __m256i upper[PARTS];
    differences(table, lower);
    differences(table + 128, upper);
    for (; count >= VECTOR; count -= VECTOR) {
      store_bytes(y, look_up(lower, upper, _mm256_loadu_si256((const __m256i *)x)), VECTOR);
      x += VECTOR;
      y += VECTOR;
    }
  }
  for (int64_t i = 0; i < count; i++) {
    y[i] = (char)table[(uint8_t)x[i]];
  }
}
