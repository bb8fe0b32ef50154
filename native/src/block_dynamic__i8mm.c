/* Rows quantized by group times weights in block formats, by usdot on 128 bits. */
#include "block_layout.h"
#include "group_neon.h"

#define OCTET_HIGH_NIBBLES 1
#define QUANTIZE octet_f32_s8_pg_quantize_1x1__baseline
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

ALWAYS_INLINE lanes dot_bytes(lanes sums, lanes weights, lanes values) {
  return mixed_dot(sums, weights, values);
}

#include "block_vnni.inc.h"

#include "block_dynamic.inc.h"

void octet_f32blocks_f32_pg_dynamic_4x16__i8mm(const struct octet_group_matmul *product, const void *src,
                                               int64_t src_stride, void *dst, int64_t dst_stride,
                                               int32_t rows, int32_t first_column, int32_t columns,
                                               void *scratch) {
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
