/* Rows quantized by group times weights in block formats, for 512 bits with VNNI. A tile of 4 rows and 32
   columns: 8 integer and 8 float accumulators, as groups end after every 32 k. */
#include "block_layout.h"
#include "group_512.h"

#define OCTET_HIGH_NIBBLES 1
#define QUANTIZE octet_f32_s8_pg_quantize_1x16__avx512vnni
#define KEEP_IN_MEMORY(y)

ALWAYS_INLINE lanes dot_bytes(lanes sums, lanes weights, lanes values) {
  return _mm512_dpbusd_epi32(sums, weights, values);
}

#include "block_vnni.inc.h"

#include "block_dynamic.inc.h"

void block_multiply_vnni(const struct octet_group_matmul *product, const struct block_rows *from,
                         int32_t rows, float *dst, int64_t dst_stride, int32_t column, int32_t end) {
  multiply_rows(product, from, rows, dst, dst_stride, column, end);
}

void octet_f32blocks_f32_pg_dynamic_4x32__avx512vnni(const struct octet_group_matmul *product,
                                                     const void *src, int64_t src_stride, void *dst,
                                                     int64_t dst_stride, int32_t rows, int32_t first_column,
                                                     int32_t columns, void *scratch) {
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
