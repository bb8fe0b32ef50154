/* AVX-512: linear resizes of 8-bit images. */
#include "kernels.h"
#include "resize.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x16__avx512vnni
#define HAS_SHUFFLES 1

INLINE reals real_part(__m128i x, int part, int is_signed) {
  (void)part;
  return to_reals(is_signed ? _mm512_cvtepi8_epi32(x) : _mm512_cvtepu8_epi32(x));
}

/* Results within the range of their type. */
INLINE void store_16(char *to, const ints results[1], int is_signed) {
  (void)is_signed;
  _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8(results[0]));
}

#define BLENDS "resize_vectors.inc.h"
#include "resize_linear.inc.h"
