/* Rows quantized by group times weights in block formats, by sdot on 128 bits: weights below 128 as the
   format has them, others less their offset, which makes them signed. */
#include "block_layout.h"
#include "group_neon.h"

#define OCTET_HIGH_NIBBLES 0
#define QUANTIZE octet_f32_s8_pg_quantize_1x1__baseline
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

#include "block_signed.inc.h"

ALWAYS_INLINE lanes operand(int32_t format, lanes weights) {
  const uint8x16_t offset = vdupq_n_u8((uint8_t)block_offset(format));
  return is_signed(format)
             ? both_bytes(vsubq_u8(bytes_in(weights, 0), offset), vsubq_u8(bytes_in(weights, 1), offset))
             : weights;
}

ALWAYS_INLINE int32x4_t dot_16(int32x4_t sums, int32x4_t weights, int32x4_t values) {
  return vdotq_s32(sums, vreinterpretq_s8_s32(weights), vreinterpretq_s8_s32(values));
}

ALWAYS_INLINE lanes dot(int32_t format, lanes sums, lanes weights, lanes values) {
  (void)format;
  return both_lanes(dot_16(sums.val[0], weights.val[0], values.val[0]),
                    dot_16(sums.val[1], weights.val[1], values.val[1]));
}

#include "block_dynamic.inc.h"

void octet_f32blocks_f32_pg_dynamic_4x16__dotprod(const struct octet_group_matmul *product, const void *src,
                                                  int64_t src_stride, void *dst, int64_t dst_stride,
                                                  int32_t rows, int32_t first_column, int32_t columns,
                                                  void *scratch) {
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
