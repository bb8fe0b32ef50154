/* Formats with tables for 512 bits with VNNI and VBMI: a permutation of bytes takes nibbles with any bits
   above them, so that one row takes 0.88 to 0.93 of the time (IQ4_NL, MXFP4, NVFP4, 4096x4096, Zen 4). The
   other formats are multiplied as on CPUs without VBMI; for 5 and 6 bits an affine transformation of bytes
   (GFNI) instead of shifts and masks took 0.90 (Q5_0) to 1.10 (Q6_K) of the time of one row, and more with
   many. */
#include "block_layout.h"
#include "group_512.h"

#define OCTET_HIGH_NIBBLES 1
#define QUANTIZE octet_f32_s8_pg_quantize_1x16__avx512vnni
#define KEEP_IN_MEMORY(y)
#define OCTET_FORMATS_HERE(X) X(IQ4_NL) X(MXFP4) X(NVFP4)
#define OCTET_FORMATS_ELSEWHERE block_multiply_vnni

ALWAYS_INLINE lanes dot_bytes(lanes sums, lanes weights, lanes values) {
  return _mm512_dpbusd_epi32(sums, weights, values);
}

#include "block_vnni.inc.h"

#include "block_dynamic.inc.h"

void octet_f32blocks_f32_pg_dynamic_4x32__avx512vbmi(const struct octet_group_matmul *product,
                                                     const void *src, int64_t src_stride, void *dst,
                                                     int64_t dst_stride, int32_t rows, int32_t first_column,
                                                     int32_t columns, void *scratch) {
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}
