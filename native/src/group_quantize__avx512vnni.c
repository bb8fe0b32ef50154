/* Rows of floats to symmetric S8 by group, for 512 bits. 16 groups at a time: what is found for each of them,
   its greatest float and its sum, becomes a lane of a vector, so that divisions are vectors too and no group
   waits for its own. */
#include <immintrin.h>

#include "group_rows.h"
#include "kernels.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum { GROUPS = 16, LANES = 16 };

/* Floats of a row from an element on; 0 beyond its end, which is farther away where all are there. */
ALWAYS_INLINE __m512 load(const int all, const float *row, int32_t i, int32_t k) {
  if (all || k - i >= LANES) {
    return _mm512_loadu_ps(row + i);
  }
  return _mm512_maskz_loadu_ps((__mmask16)(k > i ? (1u << (k - i)) - 1 : 0), row + i);
}

/* The greatest of two, as signed integers, or their sum. */
ALWAYS_INLINE __m512i combined(const int greatest, __m512i a, __m512i b) {
  return greatest ? _mm512_max_epi32(a, b) : _mm512_add_epi32(a, b);
}

/* Of four vectors and each quarter of their lanes. */
ALWAYS_INLINE __m512i across_four(const int greatest, const __m512i x[4]) {
  const __m512i low =
      combined(greatest, _mm512_unpacklo_epi32(x[0], x[1]), _mm512_unpackhi_epi32(x[0], x[1]));
  const __m512i high =
      combined(greatest, _mm512_unpacklo_epi32(x[2], x[3]), _mm512_unpackhi_epi32(x[2], x[3]));
  return combined(greatest, _mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
}

ALWAYS_INLINE __m512i across_halves(const int greatest, __m512i a, __m512i b) {
  return combined(greatest, _mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}

/* Lane g is all lanes of vector g combined; x: across_four of each four vectors. */
ALWAYS_INLINE __m512i across(const int greatest, const __m512i x[4]) {
  return across_halves(greatest, across_halves(greatest, x[0], x[1]), across_halves(greatest, x[2], x[3]));
}

/* absmax of a group by lanes, as bits: NaN is greater than infinity there. */
ALWAYS_INLINE __m512i largest(const int all, const float *row, int32_t first, int32_t k, int32_t group) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  __m512i most = _mm512_setzero_si512();
  const int32_t end = all || k - first >= group ? first + group : k;
  for (int32_t i = first; i < end; i += LANES) {
    most = combined(1, most, _mm512_and_si512(magnitude, _mm512_castps_si512(load(all, row, i, k))));
  }
  return most;
}

static int is_safe(__m512 scales) {
  const __mmask16 large = _mm512_cmp_ps_mask(scales, _mm512_set1_ps(GROUP_SAFE_SCALE), _CMP_GE_OQ);
  return _mm512_mask_cmp_ps_mask(large, scales, _mm512_set1_ps(1 / GROUP_SAFE_SCALE), _CMP_LE_OQ) == 0xffff;
}

ALWAYS_INLINE __m512i quantize_fast(__m512 x, __m512 scale, __m512 reciprocal) {
  const __m512 t = _mm512_mul_ps(x, reciprocal);
  const __m512 rest = _mm512_fnmadd_ps(t, scale, x);
  return _mm512_cvtps_epi32(_mm512_fmadd_ps(rest, reciprocal, t));
}

/* NaN becomes -127: of a NaN and another, max gives the second. */
ALWAYS_INLINE __m512i quantize_any(__m512 x, __m512 scale) {
  const __m512 t = _mm512_max_ps(_mm512_div_ps(x, scale), _mm512_set1_ps(-127.0f));
  return _mm512_cvtps_epi32(_mm512_min_ps(t, _mm512_set1_ps(127.0f)));
}

/* Quantizes a group; its sum by lanes. */
ALWAYS_INLINE __m512i quantize_group(const int all, const int safe, const float *row, int32_t first,
                                     int32_t k, int32_t group, __m512 scale, __m512 reciprocal,
                                     int8_t *values, int64_t stride) {
  __m512i sum = _mm512_setzero_si512();
  const int32_t end = all || k - first >= group ? first + group : k;
  for (int32_t i = first; i < end; i += LANES) {
    const __m512 x = load(all, row, i, k);
    __m512i q = safe ? quantize_fast(x, scale, reciprocal) : quantize_any(x, scale);
    if (!all && k - i < LANES) {
      /* 0 / scale may be NaN: what is beyond K is 0 all the same. */
      q = _mm512_maskz_mov_epi32((__mmask16)((1u << (k - i)) - 1), q);
    }
    if (all || stride - i >= LANES) {
      _mm_storeu_si128((__m128i *)(void *)(values + i), _mm512_cvtepi32_epi8(q));
    } else {
      _mm_storel_epi64((__m128i *)(void *)(values + i), _mm512_cvtepi32_epi8(q));
    }
    sum = combined(0, sum, q);
  }
  return sum;
}

ALWAYS_INLINE __m512i quantize_groups(const int all, const int safe, const float *row, int32_t first,
                                      int32_t k, int32_t group, int32_t groups, __m512 scale, int8_t *values,
                                      int64_t stride) {
  float scales[GROUPS];
  float reciprocals[GROUPS];
  __m512i fours[4];
  _mm512_storeu_ps(scales, scale);
  _mm512_storeu_ps(reciprocals, _mm512_div_ps(_mm512_set1_ps(1.0f), scale));
  for (int32_t f = 0; f < 4; f++) {
    __m512i sums[4];
#pragma GCC unroll 4
    for (int32_t i = 0; i < 4; i++) {
      const int32_t g = f * 4 + i;
      sums[i] = g < groups
                    ? quantize_group(all, safe, row, first + g * group, k, group, _mm512_set1_ps(scales[g]),
                                     _mm512_set1_ps(reciprocals[g]), values, stride)
                    : _mm512_setzero_si512();
    }
    fours[f] = across_four(0, sums);
  }
  return across(0, fours);
}

/* group_start of 16 groups. */
ALWAYS_INLINE __m512i starts_of(const struct octet_group_matmul *product, int32_t factor, __m512i sums) {
  if (product->zero_point == OCTET_ZERO_POINTS_PACKED) {
    return _mm512_and_si512(_mm512_sub_epi32(_mm512_setzero_si512(), sums), _mm512_set1_epi32(0xffff));
  }
  return _mm512_mullo_epi32(_mm512_set1_epi32(-factor), sums);
}

/* Up to 16 groups of a row; all: none ends before its end. */
ALWAYS_INLINE void some_groups(const int all, const struct octet_group_matmul *product, int32_t factor,
                               const float *row, int32_t first, int32_t groups, int8_t *values,
                               int64_t stride, float *scales, int32_t *starts) {
  const int32_t k = product->k;
  const int32_t group = product->group;
  const __mmask16 mask = (__mmask16)((1u << groups) - 1);
  __m512i fours[4];
  for (int32_t f = 0; f < 4; f++) {
    __m512i most[4];
#pragma GCC unroll 4
    for (int32_t i = 0; i < 4; i++) {
      const int32_t g = f * 4 + i;
      most[i] = g < groups ? largest(all, row, first + g * group, k, group) : _mm512_setzero_si512();
    }
    fours[f] = across_four(1, most);
  }
  __m512 scale = _mm512_div_ps(_mm512_castsi512_ps(across(1, fours)), _mm512_set1_ps(127.0f));
  const __mmask16 zero = _mm512_cmp_ps_mask(scale, _mm512_setzero_ps(), _CMP_EQ_OQ);
  scale = _mm512_mask_mov_ps(scale, zero, _mm512_set1_ps(1.0f));
  const __m512i sums = is_safe(scale)
                           ? quantize_groups(all, 1, row, first, k, group, groups, scale, values, stride)
                           : quantize_groups(all, 0, row, first, k, group, groups, scale, values, stride);
  _mm512_mask_storeu_ps(scales, mask, scale);
  _mm512_mask_storeu_epi32(starts, mask, starts_of(product, factor, sums));
}

void octet_f32_s8_pg_quantize_1x16__avx512vnni(const struct octet_group_matmul *product, int32_t factor,
                                               const void *src, int64_t src_stride, int32_t rows,
                                               const struct group_rows *to) {
  const int32_t group = product->group;
  for (int32_t r = 0; r < rows; r++) {
    const float *row = (const float *)src + r * src_stride;
    int8_t *values = to->values + r * to->stride;
    float *scales = to->scales + (int64_t)r * to->groups;
    int32_t *starts = to->starts + (int64_t)r * to->groups;
    for (int32_t g = 0; g < to->groups; g += GROUPS) {
      const int32_t groups = to->groups - g < GROUPS ? to->groups - g : GROUPS;
      const int32_t first = g * group;
      if ((int64_t)groups * group <= product->k - first) {
        some_groups(1, product, factor, row, first, groups, values, to->stride, scales + g, starts + g);
      } else {
        some_groups(0, product, factor, row, first, groups, values, to->stride, scales + g, starts + g);
      }
    }
  }
}
