/* Weights into panels of 16 columns: four of K for each column in one 32-bit lane. */
#include <immintrin.h>

#include "matmul.h"

enum { PANEL_COLUMNS = 16 };

ALWAYS_INLINE __m128i add_fours(__m128i sums, __m128i fours) {
  const __m128i pairs = _mm_maddubs_epi16(_mm_set1_epi8(1), fours);
  return _mm_add_epi32(sums, _mm_madd_epi16(pairs, _mm_set1_epi16(1)));
}

/* Up to 16 bytes, the rest as given. */
ALWAYS_INLINE __m128i load_bytes(const uint8_t *from, int32_t bytes, __m128i rest) {
  if (bytes >= 16) {
    return _mm_loadu_si128((const __m128i *)from);
  }
  _Alignas(16) uint8_t all[16];
  _mm_store_si128((__m128i *)all, rest);
  for (int32_t i = 0; i < bytes; i++) {
    all[i] = from[i];
  }
  return _mm_load_si128((const __m128i *)all);
}

ALWAYS_INLINE void add_totals(const __m128i totals[4], int32_t columns, int32_t *sums) {
  int32_t all[PANEL_COLUMNS];
  UNROLL for (int v = 0; v < 4; v++) {
    _mm_storeu_si128((__m128i *)(all + v * 4), totals[v]);
  }
  for (int32_t c = 0; c < columns; c++) {
    sums[c] += all[c];
  }
}

static void pack_rows(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                      int8_t *packed, int32_t *sums, int streamed) {
  (void)streamed;
  const __m128i flips = _mm_set1_epi8((char)flip);
  __m128i totals[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
  for (int32_t i = 0; i < k; i += 4) {
    __m128i row[4];
    UNROLL for (int r = 0; r < 4; r++) {
      const int32_t bytes = i + r < k ? columns : 0;
      row[r] = _mm_xor_si128(load_bytes(weights + (i + r) * stride, bytes, flips), flips);
    }
    const __m128i low01 = _mm_unpacklo_epi8(row[0], row[1]);
    const __m128i high01 = _mm_unpackhi_epi8(row[0], row[1]);
    const __m128i low23 = _mm_unpacklo_epi8(row[2], row[3]);
    const __m128i high23 = _mm_unpackhi_epi8(row[2], row[3]);
    const __m128i fours[4] = {_mm_unpacklo_epi16(low01, low23), _mm_unpackhi_epi16(low01, low23),
                              _mm_unpacklo_epi16(high01, high23), _mm_unpackhi_epi16(high01, high23)};
    UNROLL for (int v = 0; v < 4; v++) {
      _mm_storeu_si128((__m128i *)(packed + (int64_t)i * PANEL_COLUMNS + v * 16), fours[v]);
      totals[v] = add_fours(totals[v], fours[v]);
    }
  }
  add_totals(totals, columns, sums);
}

static void pack_columns(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                         int8_t *packed, int32_t *sums) {
  const __m128i flips = _mm_set1_epi8((char)flip);
  __m128i totals[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
  for (int32_t i = 0; i < k; i += 16) {
    const int32_t bytes = at_most(16, k - i);
    UNROLL for (int v = 0; v < 4; v++) {
      __m128i column[4];
      UNROLL for (int c = 0; c < 4; c++) {
        const int32_t number = v * 4 + c;
        const uint8_t *from = weights + number * stride + i;
        column[c] = _mm_xor_si128(load_bytes(from, number < columns ? bytes : 0, flips), flips);
      }
      const __m128i low01 = _mm_unpacklo_epi32(column[0], column[1]);
      const __m128i high01 = _mm_unpackhi_epi32(column[0], column[1]);
      const __m128i low23 = _mm_unpacklo_epi32(column[2], column[3]);
      const __m128i high23 = _mm_unpackhi_epi32(column[2], column[3]);
      const __m128i fours[4] = {_mm_unpacklo_epi64(low01, low23), _mm_unpackhi_epi64(low01, low23),
                                _mm_unpacklo_epi64(high01, high23), _mm_unpackhi_epi64(high01, high23)};
      UNROLL for (int s = 0; s < 4; s++) {
        if (s * 4 < bytes) {
          _mm_storeu_si128((__m128i *)(packed + ((int64_t)i + s * 4) * PANEL_COLUMNS + v * 16), fours[s]);
        }
        totals[v] = add_fours(totals[v], fours[s]);
      }
    }
  }
  add_totals(totals, columns, sums);
}

#include "matmul_pack.inc.h"

void octet_s8_matmul_pack_4x16__avx2(const uint8_t *weights, int32_t type, int32_t transposed, int64_t stride,
                                     int32_t k, int32_t first_column, int32_t columns, int8_t *packed,
                                     int32_t *sums) {
  matmul_pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
}
