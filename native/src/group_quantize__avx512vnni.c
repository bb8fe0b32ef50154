/* Rows of floats to symmetric S8 by group, for 512 bits. Scales of 16 groups at a time, so that divisions are
   vectors too: 32 elements would otherwise wait for two of them. */
#include <immintrin.h>

#include "group_rows.h"
#include "kernels.h"

enum { GROUPS = 16 };

/* Floats of a row from an element on, 0 beyond its end. */
static __m512 load(const float *row, int32_t i, int32_t k) {
  if (k - i >= 16) {
    return _mm512_loadu_ps(row + i);
  }
  return _mm512_maskz_loadu_ps((__mmask16)(k > i ? (1u << (k - i)) - 1 : 0), row + i);
}

/* absmax of groups, as bits: NaN is greater than infinity there. */
static __m512i largest(const float *row, int32_t first, int32_t k, int32_t group, int32_t groups) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  int32_t found[GROUPS] = {0};
  for (int32_t g = 0; g < groups; g++, first += group) {
    __m512i most = _mm512_setzero_si512();
    const int32_t end = k - first < group ? k : first + group;
    for (int32_t i = first; i < end; i += 16) {
      most = _mm512_max_epi32(most, _mm512_and_si512(magnitude, _mm512_castps_si512(load(row, i, k))));
    }
    found[g] = _mm512_reduce_max_epi32(most);
  }
  return _mm512_loadu_si512(found);
}

static int is_safe(__m512 scales) {
  const __mmask16 large = _mm512_cmp_ps_mask(scales, _mm512_set1_ps(GROUP_SAFE_SCALE), _CMP_GE_OQ);
  return _mm512_mask_cmp_ps_mask(large, scales, _mm512_set1_ps(1 / GROUP_SAFE_SCALE), _CMP_LE_OQ) == 0xffff;
}

static __m512i quantize_fast(__m512 x, __m512 scale, __m512 reciprocal) {
  const __m512 t = _mm512_mul_ps(x, reciprocal);
  const __m512 rest = _mm512_fnmadd_ps(t, scale, x);
  return _mm512_cvtps_epi32(_mm512_fmadd_ps(rest, reciprocal, t));
}

/* NaN becomes -127: of a NaN and another, max gives the second. */
static __m512i quantize_any(__m512 x, __m512 scale) {
  const __m512 t = _mm512_max_ps(_mm512_div_ps(x, scale), _mm512_set1_ps(-127.0f));
  return _mm512_cvtps_epi32(_mm512_min_ps(t, _mm512_set1_ps(127.0f)));
}

void octet_f32_s8_pg_quantize_1x16__avx512vnni(const struct octet_group_matmul *product, int32_t factor,
                                               const void *src, int64_t src_stride, int32_t rows,
                                               const struct group_rows *to) {
  const int32_t k = product->k;
  const int32_t group = product->group;
  for (int32_t r = 0; r < rows; r++) {
    const float *row = (const float *)src + r * src_stride;
    int8_t *values = to->values + r * to->stride;
    for (int32_t first = 0; first < to->groups; first += GROUPS) {
      const int32_t groups = to->groups - first < GROUPS ? to->groups - first : GROUPS;
      const __mmask16 mask = (__mmask16)((1u << groups) - 1);
      const __m512 one = _mm512_set1_ps(1.0f);
      __m512 scale = _mm512_castsi512_ps(largest(row, first * group, k, group, groups));
      scale = _mm512_div_ps(scale, _mm512_set1_ps(127.0f));
      scale = _mm512_mask_mov_ps(scale, _mm512_cmp_ps_mask(scale, _mm512_setzero_ps(), _CMP_EQ_OQ), one);
      const int64_t parameter = (int64_t)r * to->groups + first;
      _mm512_mask_storeu_ps(to->scales + parameter, mask, scale);
      const int safe = is_safe(scale);
      float scales[GROUPS];
      float reciprocals[GROUPS];
      int32_t sums[GROUPS];
      _mm512_storeu_ps(scales, scale);
      _mm512_storeu_ps(reciprocals, _mm512_div_ps(one, scale));
      for (int32_t g = 0; g < groups; g++) {
        const int32_t from = (first + g) * group;
        const int32_t end = k - from < group ? k : from + group;
        const __m512 s = _mm512_set1_ps(scales[g]);
        const __m512 reciprocal = _mm512_set1_ps(reciprocals[g]);
        __m512i sum = _mm512_setzero_si512();
        for (int32_t i = from; i < end; i += 16) {
          const __m512 x = load(row, i, k);
          __m512i q = safe ? quantize_fast(x, s, reciprocal) : quantize_any(x, s);
          if (k - i < 16) {
            /* 0 / scale may be NaN: what is beyond K is 0 all the same. */
            q = _mm512_maskz_mov_epi32((__mmask16)((1u << (k - i)) - 1), q);
          }
          if (to->stride - i >= 16) {
            _mm_storeu_si128((__m128i *)(void *)(values + i), _mm512_cvtepi32_epi8(q));
          } else {
            _mm_storel_epi64((__m128i *)(void *)(values + i), _mm512_cvtepi32_epi8(q));
          }
          sum = _mm512_add_epi32(sum, q);
        }
        sums[g] = _mm512_reduce_add_epi32(sum);
      }
      for (int32_t g = 0; g < groups; g++) {
        to->starts[parameter + g] = group_start(product, factor, sums[g]);
      }
    }
  }
}
