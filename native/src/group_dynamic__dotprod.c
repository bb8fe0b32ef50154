/* Rows quantized by group times weights in groups, by sdot on 128 bits. Weights of 4 bits are as they are
   packed, those of 8 bits 128 less, which makes them signed. A tile of 4 rows has 16 of the 32 registers for
   its sums; its float sums live in memory from one group to the next. */
#include "group_neon.h"

#define OCTET_TILE_ROWS 4
#define OCTET_SHORT_TILE_ROWS 0
#define QUANTIZE octet_f32_s8_pg_quantize_1x1__baseline
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

ALWAYS_INLINE int32_t weight_offset(int32_t bits) {
  return bits == 8 ? 128 : 0;
}

ALWAYS_INLINE lanes operand_zero_points(int32_t bits, const uint8_t *packed) {
  return subtracted(load_zero_points(packed), lanes_of(weight_offset(bits)));
}

ALWAYS_INLINE lanes signed_bytes(lanes weights) {
  const uint8x16_t flip = vdupq_n_u8(0x80);
  return both_bytes(veorq_u8(bytes_in(weights, 0), flip), veorq_u8(bytes_in(weights, 1), flip));
}

/* Eight k of 16 columns: those of each row are loaded once, and multiplied by lane. */
ALWAYS_INLINE void multiply_octet(int32_t rows, lanes sums[][2], const lanes weights[4], const int8_t *values,
                                  int64_t stride) {
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
    const int8x8_t eight = vld1_s8(values + r * stride);
#pragma GCC unroll 4
    for (int32_t i = 0; i < 4; i++) {
      lanes *sum = &sums[r][i / 2];
      const int8x16_t first = vreinterpretq_s8_s32(weights[i / 2].val[i % 2]);
      const int8x16_t second = vreinterpretq_s8_s32(weights[2 + i / 2].val[i % 2]);
      sum->val[i % 2] = vdotq_lane_s32(sum->val[i % 2], first, eight, 0);
      sum->val[i % 2] = vdotq_lane_s32(sum->val[i % 2], second, eight, 1);
    }
  }
}

ALWAYS_INLINE void multiply_octets(int32_t bits, int32_t rows, lanes sums[][2], const uint8_t *weights,
                                   int32_t octets, const int8_t *values, int64_t stride) {
#pragma GCC unroll 4
  for (int32_t o = 0; o < octets; o++) {
    const lanes v0 = load_once(weights);
    const lanes v1 = load_once(weights + 32);
    if (bits == 8) {
      const lanes operands[4] = {signed_bytes(v0), signed_bytes(v1), signed_bytes(load_lanes(weights + 64)),
                                 signed_bytes(load_lanes(weights + 96))};
      multiply_octet(rows, sums, operands, values, stride);
    } else {
      const lanes operands[4] = {low_nibbles(v0), low_nibbles(v1), high_nibbles(v0), high_nibbles(v1)};
      multiply_octet(rows, sums, operands, values, stride);
    }
    weights += bits * PANEL_COLUMNS;
    values += 8;
  }
}

#include "group_dynamic.inc.h"

void octet_f32u4_f32_pg_dynamic_4x16__dotprod(const struct octet_group_matmul *product, const void *src,
                                              int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                              int32_t first_column, int32_t columns, void *scratch) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

void octet_f32u8_f32_pg_dynamic_4x16__dotprod(const struct octet_group_matmul *product, const void *src,
                                              int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                              int32_t first_column, int32_t columns, void *scratch) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
