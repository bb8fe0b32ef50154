/* Rows of floats to symmetric S8 by group, for 256 bits. */
#include <immintrin.h>

#include "group_float_bits.h"
#include "group_rows.h"
#include "kernels.h"

/* Floats of a row from an element on, 0 beyond its end. */
static __m256 load(const float *row, int32_t i, int32_t k) {
  if (k - i >= 8) {
    return _mm256_loadu_ps(row + i);
  }
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_maskload_ps(row + i, _mm256_cmpgt_epi32(_mm256_set1_epi32(k - i), lanes));
}

/* absmax as bits: NaN is greater than infinity there. */
static uint32_t largest(const float *row, int32_t first, int32_t end) {
  const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
  __m256i most = _mm256_setzero_si256();
  for (int32_t i = first; i < end; i += 8) {
    most = _mm256_max_epi32(most, _mm256_and_si256(magnitude, _mm256_castps_si256(load(row, i, end))));
  }
  __m128i half = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return (uint32_t)_mm_cvtsi128_si32(half);
}

/* As for 512 bits. */
static __m256i quantize_fast(__m256 x, __m256 scale, __m256 reciprocal) {
  const __m256 t = _mm256_mul_ps(x, reciprocal);
  const __m256 rest = _mm256_fnmadd_ps(t, scale, x);
  return _mm256_cvtps_epi32(_mm256_fmadd_ps(rest, reciprocal, t));
}

static __m256i quantize_any(__m256 x, __m256 scale) {
  const __m256 t = _mm256_max_ps(_mm256_div_ps(x, scale), _mm256_set1_ps(-127.0f));
  return _mm256_cvtps_epi32(_mm256_min_ps(t, _mm256_set1_ps(127.0f)));
}

/* Eight integers to bytes. */
static void store(int8_t *to, __m256i q) {
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
  _mm_storel_epi64((__m128i *)(void *)to, _mm_packs_epi16(words, words));
}

static int32_t total(__m256i sum) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return _mm_cvtsi128_si32(half);
}

void octet_f32_s8_pg_quantize_1x8__avx2(const struct octet_group_matmul *product, int32_t factor,
                                        const void *src, int64_t src_stride, int32_t rows,
                                        const struct group_rows *to) {
  const int32_t k = product->k;
  for (int32_t r = 0; r < rows; r++) {
    const float *row = (const float *)src + r * src_stride;
    int8_t *values = to->values + r * to->stride;
    for (int32_t g = 0; g < to->groups; g++) {
      const int32_t first = g * product->group;
      const int32_t end = k - first < product->group ? k : first + product->group;
      float scale = float_of_bits(largest(row, first, end)) / 127.0f;
      scale = scale == 0 ? 1 : scale;
      const int safe = scale >= GROUP_SAFE_SCALE && scale <= 1 / GROUP_SAFE_SCALE;
      const __m256 s = _mm256_set1_ps(scale);
      const __m256 reciprocal = _mm256_set1_ps(1 / scale);
      __m256i sum = _mm256_setzero_si256();
      for (int32_t i = first; i < end; i += 8) {
        const __m256 x = load(row, i, k);
        __m256i q = safe ? quantize_fast(x, s, reciprocal) : quantize_any(x, s);
        if (k - i < 8) {
          /* 0 / scale may be NaN: what is beyond K is 0 all the same. */
          const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
          q = _mm256_and_si256(q, _mm256_cmpgt_epi32(_mm256_set1_epi32(k - i), lanes));
        }
        store(values + i, q);
        sum = _mm256_add_epi32(sum, q);
      }
      to->scales[(int64_t)r * to->groups + g] = scale;
      to->starts[(int64_t)r * to->groups + g] = group_start(product, factor, total(sum));
    }
  }
}
