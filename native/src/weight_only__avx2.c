/* Float rows times weights that become floats, for AVX2 and FMA. */
#include "group_256.h"
#include "weight_only.h"

#define OCTET_TILE_ROWS 6

ALWAYS_INLINE float float_base(int32_t bits) {
  (void)bits;
  return 0x1p23f;
}

/* There is no permutation with 16 values. */
ALWAYS_INLINE floats float_table(float zero_point) {
  return floats_of(zero_point);
}

/* Weight i of the eight in an octet, as floats; the lanes hold i to i + 3 (8 bits) or all eight. Its bits
   below an exponent of 2^23 are 2^23 + weight as a float. */
ALWAYS_INLINE floats weight(int32_t bits, int32_t packed, lanes packed_weights, int32_t i,
                            const struct block *block, int32_t v) {
  (void)packed;
  const int32_t shift = bits == 8 ? 8 * (i & 3) : 8 * (i & 3) + i / 4 * 4;
  const lanes alone = _mm256_and_si256(_mm256_srli_epi32(packed_weights, shift), lanes_of((1 << bits) - 1));
  const lanes joined = _mm256_or_si256(alone, _mm256_castps_si256(floats_of(0x1p23f)));
  return _mm256_sub_ps(_mm256_castsi256_ps(joined), block->zero_points[v]);
}

#include "weight_only.inc.h"

void octet_f32u4_f32_pg_weightonly_6x16__avx2(const struct octet_group_matmul *product, const void *src,
                                              int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                              int32_t first_column, int32_t columns) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}

void octet_f32u8_f32_pg_weightonly_6x16__avx2(const struct octet_group_matmul *product, const void *src,
                                              int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                              int32_t first_column, int32_t columns) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}
