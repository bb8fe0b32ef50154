/* Rows quantized by group times weights in groups, for 512 bits with VNNI. A tile of 6 rows and 32 columns:
   12 integer and 12 float accumulators, two vectors of weights, one of activations; where a group ends after
   every 32 k, of 4 rows: 6 need so many registers there that floats go through memory (3 to 9 % more time).
   Weights are the unsigned operand; their zero point comes in through where a sum starts. */
#include "group_512.h"

#define OCTET_TILE_ROWS 6
#define OCTET_SHORT_TILE_ROWS 4
#define QUANTIZE octet_f32_s8_pg_quantize_1x16__avx512vnni
#define KEEP_IN_MEMORY(y)

ALWAYS_INLINE lanes dot(lanes sums, lanes weights, lanes values) {
  return _mm512_dpbusd_epi32(sums, weights, values);
}

#include "group_vnni.inc.h"

#include "group_dynamic.inc.h"

void octet_f32u4_f32_pg_dynamic_6x32__avx512vnni(const struct octet_group_matmul *product, const void *src,
                                                 int64_t src_stride, void *dst, int64_t dst_stride,
                                                 int32_t rows, int32_t first_column, int32_t columns,
                                                 void *scratch) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

void octet_f32u8_f32_pg_dynamic_6x32__avx512vnni(const struct octet_group_matmul *product, const void *src,
                                                 int64_t src_stride, void *dst, int64_t dst_stride,
                                                 int32_t rows, int32_t first_column, int32_t columns,
                                                 void *scratch) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
