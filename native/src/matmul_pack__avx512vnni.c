/* Weights into panels of 64 columns: four of K for each column in one 32-bit lane, as vpdpbusd takes them. */
#include <immintrin.h>

#include "matmul.h"

enum { LANES = 16, PANEL_COLUMNS = 64 };

/* Adds the fours of 16 columns to their sums. */
ALWAYS_INLINE __m512i add_fours(__m512i sums, __m512i fours) {
  return _mm512_dpbusd_epi32(sums, _mm512_set1_epi8(1), fours);
}

static void pack_rows(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                      int8_t *packed, int32_t *sums, int streamed) {
  const __m512i flips = _mm512_set1_epi8((char)flip);
  const __mmask64 present = ~(__mmask64)0 >> (PANEL_COLUMNS - columns);
  /* Unpacking works in 128-bit lanes: columns 0-3 16-19 32-35 48-51 first, so that each vector comes out
   * whole. */
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i totals[4];
  UNROLL for (int v = 0; v < 4; v++) {
    totals[v] = _mm512_maskz_loadu_epi32((__mmask16)(present >> v * LANES), sums + v * LANES);
  }
  for (int32_t i = 0; i < k; i += 4) {
    __m512i row[4];
    UNROLL for (int r = 0; r < 4; r++) {
      /* What is not there becomes 0. */
      row[r] = _mm512_mask_loadu_epi8(flips, i + r < k ? present : 0, weights + (i + r) * stride);
      row[r] = _mm512_permutexvar_epi32(order, _mm512_xor_si512(row[r], flips));
    }
    const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]);
    const __m512i high01 = _mm512_unpackhi_epi8(row[0], row[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]);
    const __m512i high23 = _mm512_unpackhi_epi8(row[2], row[3]);
    const __m512i fours[4] = {_mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
                              _mm512_unpacklo_epi16(high01, high23), _mm512_unpackhi_epi16(high01, high23)};
    UNROLL for (int v = 0; v < 4; v++) {
      __m512i *const to = (__m512i *)(packed + (int64_t)i * PANEL_COLUMNS + v * LANES * 4);
      if (streamed) {
        _mm512_stream_si512(to, fours[v]);
      } else {
        _mm512_storeu_si512(to, fours[v]);
      }
      totals[v] = add_fours(totals[v], fours[v]);
    }
  }
  UNROLL for (int v = 0; v < 4; v++) {
    _mm512_mask_storeu_epi32(sums + v * LANES, (__mmask16)(present >> v * LANES), totals[v]);
  }
}

/* Columns of 16 fours become fours of 16 columns. */
ALWAYS_INLINE void transpose(__m512i square[16]) {
  __m512i pairs[16];
  UNROLL for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(square[i], square[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(square[i], square[i + 1]);
  }
  /* fours[4 * g + j]: in lane l of 128 bits, the four number 4 * l + j of columns 4 * g to 4 * g + 3 */
  __m512i fours[16];
  UNROLL for (int i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
  UNROLL for (int j = 0; j < 4; j++) {
    const __m512i low01 = _mm512_shuffle_i32x4(fours[j], fours[4 + j], 0x44);
    const __m512i high01 = _mm512_shuffle_i32x4(fours[j], fours[4 + j], 0xee);
    const __m512i low23 = _mm512_shuffle_i32x4(fours[8 + j], fours[12 + j], 0x44);
    const __m512i high23 = _mm512_shuffle_i32x4(fours[8 + j], fours[12 + j], 0xee);
    square[j] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    square[4 + j] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
    square[8 + j] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    square[12 + j] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
  }
}

static void pack_columns(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                         int8_t *packed, int32_t *sums) {
  const __m512i flips = _mm512_set1_epi8((char)flip);
  for (int32_t i = 0; i < k; i += 64) {
    const int32_t bytes = at_most(64, k - i);
    const int32_t steps = divided_up(bytes, 4);
    const __mmask64 present = ~(__mmask64)0 >> (64 - bytes);
    for (int v = 0; v < 4; v++) {
      __m512i square[16];
      UNROLL for (int c = 0; c < 16; c++) {
        const int32_t column = v * LANES + c;
        square[c] =
            _mm512_mask_loadu_epi8(flips, column < columns ? present : 0, weights + column * stride + i);
        square[c] = _mm512_xor_si512(square[c], flips);
      }
      transpose(square);
      __m512i total = _mm512_setzero_si512();
      UNROLL for (int s = 0; s < 16; s++) {
        if (s < steps) {
          _mm512_storeu_si512(packed + ((int64_t)i + s * 4) * PANEL_COLUMNS + v * LANES * 4, square[s]);
        }
        total = add_fours(total, square[s]);
      }
      const __mmask16 there = (__mmask16)((~(__mmask64)0 >> (PANEL_COLUMNS - columns)) >> v * LANES);
      total = _mm512_add_epi32(total, _mm512_maskz_loadu_epi32(there, sums + v * LANES));
      _mm512_mask_storeu_epi32(sums + v * LANES, there, total);
    }
  }
}

#include "matmul_pack.inc.h"

void octet_s8_matmul_pack_4x64__avx512vnni(const uint8_t *weights, int32_t type, int32_t transposed,
                                           int64_t stride, int32_t k, int32_t first_column, int32_t columns,
                                           int8_t *packed, int32_t *sums) {
  matmul_pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
  /* Streamed stores are seen by other threads after a fence only. */
  _mm_sfence();
}
