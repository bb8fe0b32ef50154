/* Float rows times weights that become floats, for 512 bits. VNNI is of no use to it; the tier is. */
#include "group_512.h"
#include "weight_only.h"

#define OCTET_TILE_ROWS 12

ALWAYS_INLINE float float_base(int32_t bits) {
  return bits == 8 ? 0x1p23f : 0;
}

ALWAYS_INLINE floats float_table(float zero_point) {
  return _mm512_sub_ps(_mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                       floats_of(zero_point));
}

/* Weight i of the eight in an octet, as floats; the lanes hold i to i + 3 (8 bits) or all eight. */
ALWAYS_INLINE floats weight(int32_t bits, int32_t packed, lanes packed_weights, int32_t i,
                            const struct block *block, int32_t v) {
  floats w;
  if (bits == 8) {
    /* The byte below an exponent of 2^23: as a float 2^23 + byte. */
    const lanes byte = _mm512_srli_epi32(packed_weights, (uint32_t)(8 * (i & 3)));
    const lanes joined = _mm512_ternarylogic_epi32(byte, _mm512_set1_epi32(0xff),
                                                   _mm512_castps_si512(_mm512_set1_ps(0x1p23f)), 0xea);
    w = _mm512_sub_ps(_mm512_castsi512_ps(joined), block->zero_points[v]);
  } else {
    /* A permutation looks at the lowest four bits of its index alone. */
    const lanes nibble = _mm512_srli_epi32(packed_weights, (uint32_t)(8 * (i & 3) + i / 4 * 4));
    w = _mm512_permutexvar_ps(nibble, block->values);
    if (packed) {
      w = _mm512_sub_ps(w, block->zero_points[v]);
    }
  }
  return w;
}

#include "weight_only.inc.h"

ALWAYS_INLINE lanes dot(lanes sums, lanes weights, lanes values) {
  return _mm512_dpbusd_epi32(sums, weights, values);
}

#include "group_vnni.inc.h"

#include "weight_only_digits.inc.h"

void octet_f32u4_f32_pg_weightonly_12x32__avx512vnni(const struct octet_group_matmul *product,
                                                     const void *src, int64_t src_stride, void *dst,
                                                     int64_t dst_stride, int32_t rows, int32_t first_column,
                                                     int32_t columns) {
  if (run_digits(4, product, src, dst, rows, first_column, columns)) {
    return;
  }
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}

void octet_f32u8_f32_pg_weightonly_12x32__avx512vnni(const struct octet_group_matmul *product,
                                                     const void *src, int64_t src_stride, void *dst,
                                                     int64_t dst_stride, int32_t rows, int32_t first_column,
                                                     int32_t columns) {
  if (run_digits(8, product, src, dst, rows, first_column, columns)) {
    return;
  }
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}
