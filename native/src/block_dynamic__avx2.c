/* Rows quantized by group times weights in block formats, for AVX2 without VNNI. VPMADDUBSW adds two products
   in 16 bits: of weights below 64 they are at most 2 * 63 * 127 = 16,002. Of 8-bit weights it takes the
   magnitude, with the sign moved to the activation, which has no -128: 2 * 128 * 127 = 32,512. */
#include "block_layout.h"
#include "group_256.h"

#define OCTET_HIGH_NIBBLES 0
#define QUANTIZE octet_f32_s8_pg_quantize_1x8__avx2
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

#include "block_signed.inc.h"

ALWAYS_INLINE lanes operand(int32_t format, lanes weights) {
  return is_signed(format) ? _mm256_sub_epi8(weights, _mm256_set1_epi8((char)block_offset(format))) : weights;
}

ALWAYS_INLINE lanes dot(int32_t format, lanes sums, lanes weights, lanes values) {
  const lanes pairs = is_signed(format)
                          ? _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(values, weights))
                          : _mm256_maddubs_epi16(weights, values);
  return _mm256_add_epi32(sums, multiplied_halves(pairs, _mm256_set1_epi16(1)));
}

#include "block_dynamic.inc.h"

void octet_f32blocks_f32_pg_dynamic_4x16__avx2(const struct octet_group_matmul *product, const void *src,
                                               int64_t src_stride, void *dst, int64_t dst_stride,
                                               int32_t rows, int32_t first_column, int32_t columns,
                                               void *scratch) {
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
