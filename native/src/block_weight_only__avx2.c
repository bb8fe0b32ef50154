/* Float rows times weights in block formats that become floats, for AVX2 and FMA. */
#include "block_layout.h"
#include "group_256.h"

#include "block_weights.inc.h"

#define OCTET_TILE_ROWS 6
#define KEEP_IN_MEMORY(y) __asm__ volatile("" : "+m"(y))

/* 2^23 plus what weights are more than the real ones. */
struct decoder {
  floats base;
};

ALWAYS_INLINE struct decoder decoder_of(int32_t format) {
  const struct decoder decoder = {floats_of(0x1p23f + (float)block_offset(format))};
  return decoder;
}

ALWAYS_INLINE int takes_nibbles(int32_t format) {
  (void)format;
  return 0;
}

/* A byte below an exponent of 2^23 is 2^23 + byte as a float. */
ALWAYS_INLINE floats decoded(int32_t format, lanes bytes, int32_t i, int32_t half,
                             const struct decoder *decoder) {
  (void)format;
  (void)half;
  const lanes alone = _mm256_and_si256(_mm256_srli_epi32(bytes, 8 * i), lanes_of(0xff));
  const lanes joined = _mm256_or_si256(alone, _mm256_castps_si256(floats_of(0x1p23f)));
  return _mm256_sub_ps(_mm256_castsi256_ps(joined), decoder->base);
}

#include "block_weight_only.inc.h"

void octet_f32blocks_f32_pg_weightonly_6x16__avx2(const struct octet_group_matmul *product, const void *src,
                                                  int64_t src_stride, void *dst, int64_t dst_stride,
                                                  int32_t rows, int32_t first_column, int32_t columns) {
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}
