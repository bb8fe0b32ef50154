/* AVX2: resizes of 8-bit images. */
#include "kernels.h"
#include "resize.h"
#include "resize_shuffle.h"
#include "vector__avx2.h"

#define KERNEL(name) name##_1x16__avx2
#define HAS_SHUFFLES 1

INLINE void copy_block(const char *src, char *dst) {
  store_block(dst, load_bytes(src, BLOCK));
}

INLINE void shuffle_block(const struct resize_columns *columns, int64_t block, int64_t pieces,
                          const char *src, char *dst) {
  const __m128i x = resize_shuffle(src, &columns->first_blocks, block, pieces);
  _mm_storeu_si128((__m128i *)dst, x);
}

/* The number of pieces is a constant. */
INLINE void shuffle_line(const struct resize_columns *columns, int64_t pieces, const char *src, char *dst) {
  int64_t block = 0;
  int64_t i = 0;
  for (; i + RESIZE_BLOCK <= columns->elements; i += RESIZE_BLOCK) {
    shuffle_block(columns, block, pieces, src, dst + i);
    block++;
  }
  if (i < columns->elements) {
    shuffle_block(columns, block, pieces, src, dst + columns->elements - RESIZE_BLOCK);
  }
}

INLINE reals real_part(__m128i x, int part, int is_signed) {
  const __m128i some = part == 0 ? x : _mm_srli_si128(x, 8);
  return to_reals(is_signed ? _mm256_cvtepi8_epi32(some) : _mm256_cvtepu8_epi32(some));
}

/* Results within the range of their type. */
INLINE void store_16(char *to, const ints results[2], int is_signed) {
  const __m256i words = _mm256_permute4x64_epi64(to_words(results[0], results[1]), 0xd8);
  const __m128i low = _mm256_castsi256_si128(words);
  const __m128i high = _mm256_extracti128_si256(words, 1);
  _mm_storeu_si128((__m128i *)to, is_signed ? _mm_packs_epi16(low, high) : _mm_packus_epi16(low, high));
}

#include "resize_nearest.inc.h"
#define BLENDS "resize_vectors.inc.h"
#include "resize_linear.inc.h"
