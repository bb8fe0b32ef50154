/* Rows quantized by group times weights in groups, for AVX2 without VNNI. VPMADDUBSW adds two products in 16
   bits, which saturate on full-range data, but not here: 4 bits by at most 127 leave room for eight such
   sums, 16 * 15 * 127 = 30,480; and of 8-bit weights it takes the magnitude, with the sign moved to the
   activation, which has no -128: 2 * 128 * 127 = 32,512. */
#include "group_256.h"

#define OCTET_TILE_ROWS 4
#define OCTET_SHORT_TILE_ROWS 0
#define QUANTIZE octet_f32_s8_pg_quantize_1x8__avx2
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

/* Weights of 8 bits are signed here. */
ALWAYS_INLINE int32_t weight_offset(int32_t bits) {
  return bits == 8 ? 128 : 0;
}

ALWAYS_INLINE lanes operand_zero_points(int32_t bits, const uint8_t *packed) {
  return _mm256_sub_epi32(load_zero_points(packed), lanes_of(weight_offset(bits)));
}

ALWAYS_INLINE lanes four_of_each(const int8_t *values) {
  int32_t four;
  __builtin_memcpy(&four, values, sizeof four);
  return lanes_of(four);
}

/* Four k of 16 columns: sums of two in 16 bits. */
ALWAYS_INLINE void multiply_nibbles(int32_t rows, lanes pairs[][2], lanes w0, lanes w1, const int8_t *values,
                                    int64_t stride) {
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
    const lanes a = four_of_each(values + r * stride);
    pairs[r][0] = _mm256_add_epi16(pairs[r][0], _mm256_maddubs_epi16(w0, a));
    pairs[r][1] = _mm256_add_epi16(pairs[r][1], _mm256_maddubs_epi16(w1, a));
  }
}

/* Four k of 8 columns. */
ALWAYS_INLINE void multiply_bytes(int32_t rows, lanes sums[][2], int32_t vector, const uint8_t *weights,
                                  const int8_t *values, int64_t stride) {
  const lanes w = _mm256_xor_si256(load_lanes(weights), _mm256_set1_epi8(-128));
  const lanes magnitude = _mm256_abs_epi8(w);
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
    const lanes a = _mm256_sign_epi8(four_of_each(values + r * stride), w);
    const lanes pairs = _mm256_maddubs_epi16(magnitude, a);
    sums[r][vector] = _mm256_add_epi32(sums[r][vector], multiplied_halves(pairs, _mm256_set1_epi16(1)));
  }
}

ALWAYS_INLINE void multiply_octets(int32_t bits, int32_t rows, lanes sums[][2], const uint8_t *weights,
                                   int32_t octets, const int8_t *values, int64_t stride) {
  if (bits == 8) {
#pragma GCC unroll 4
    for (int32_t o = 0; o < octets; o++, weights += 128, values += 8) {
      multiply_bytes(rows, sums, 0, weights, values, stride);
      multiply_bytes(rows, sums, 1, weights + 32, values, stride);
      multiply_bytes(rows, sums, 0, weights + 64, values + 4, stride);
      multiply_bytes(rows, sums, 1, weights + 96, values + 4, stride);
    }
    return;
  }
  lanes pairs[4][2];
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
    pairs[r][0] = pairs[r][1] = _mm256_setzero_si256();
  }
#pragma GCC unroll 4
  for (int32_t o = 0; o < octets; o++, weights += 64, values += 8) {
    const lanes v0 = load_once(weights);
    const lanes v1 = load_once(weights + 32);
    multiply_nibbles(rows, pairs, low_nibbles(v0), low_nibbles(v1), values, stride);
    multiply_nibbles(rows, pairs, high_nibbles(v0), high_nibbles(v1), values + 4, stride);
  }
  const lanes one = _mm256_set1_epi16(1);
#pragma GCC unroll 4
  for (int32_t r = 0; r < rows; r++) {
    sums[r][0] = _mm256_add_epi32(sums[r][0], multiplied_halves(pairs[r][0], one));
    sums[r][1] = _mm256_add_epi32(sums[r][1], multiplied_halves(pairs[r][1], one));
  }
}

#include "group_dynamic.inc.h"

void octet_f32u4_f32_pg_dynamic_4x16__avx2(const struct octet_group_matmul *product, const void *src,
                                           int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                           int32_t first_column, int32_t columns, void *scratch) {
  run(4, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

void octet_f32u8_f32_pg_dynamic_4x16__avx2(const struct octet_group_matmul *product, const void *src,
                                           int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                           int32_t first_column, int32_t columns, void *scratch) {
  run(8, product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
