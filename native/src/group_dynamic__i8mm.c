/* Rows quantized by group times weights in groups, by usdot on 128 bits. */
#include "group_neon.h"

#define OCTET_TILE_ROWS 4
#define OCTET_SHORT_TILE_ROWS 0
#define QUANTIZE octet_f32_s8_pg_quantize_1x1__baseline
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

ALWAYS_INLINE lanes dot(lanes sums, lanes weights, lanes values) {
  return mixed_dot(sums, weights, values);
}

#include "group_vnni.inc.h"

#include "group_dynamic.inc.h"

void octet_f32u4_f32_pg_dynamic_4x16__i8mm(const struct octet_group_matmul *product, const void *src,
                                           int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                           int32_t first_column, int32_t columns, void *scratch) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

void octet_f32u8_f32_pg_dynamic_4x16__i8mm(const struct octet_group_matmul *product, const void *src,
                                           int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                           int32_t first_column, int32_t columns, void *scratch) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
