/* Blocks of a resized line out of its pieces, by the shuffles of SSSE3. */
#ifndef OCTET_RESIZE_SHUFFLE_H
#define OCTET_RESIZE_SHUFFLE_H

#include <immintrin.h>

#include "resize.h"

static inline __attribute__((always_inline)) __m128i resize_load(const void *from) {
  return _mm_loadu_si128((const __m128i *)from);
}

static inline __attribute__((always_inline)) __m128i resize_shuffle(const char *src,
                                                                    const struct resize_blocks *blocks,
                                                                    int64_t block, int64_t pieces) {
  const char *from = src + blocks->bases[block];
  const uint8_t *indexes = blocks->indexes + block * pieces * RESIZE_BLOCK;
  __m128i x = _mm_shuffle_epi8(resize_load(from), resize_load(indexes));
  for (int64_t piece = 1; piece < pieces; piece++) {
    const __m128i index = resize_load(indexes + piece * RESIZE_BLOCK);
    x = _mm_or_si128(x, _mm_shuffle_epi8(resize_load(from + piece * RESIZE_BLOCK), index));
  }
  return x;
}

#endif
