/* Float rows times weights in block formats that become floats, for 512 bits. */
#include "block_layout.h"
#include "group_512.h"

#define OCTET_HIGH_NIBBLES 1
#define OCTET_TILE_ROWS 12
#define KEEP_IN_MEMORY(y)
/* Bytes between what is multiplied and what is asked for; float_digits.h. */
#define OCTET_AHEAD 2048

ALWAYS_INLINE lanes dot_bytes(lanes sums, lanes weights, lanes values) {
  return _mm512_dpbusd_epi32(sums, weights, values);
}

#include "block_vnni.inc.h"

#include "block_products.inc.h"

struct decoder {
  /* 4 and 5 bits: the floats of 0 to 15 and of 16 to 31, which a permutation looks up. */
  floats values;
  floats more;
  /* Of others: 2^23 plus what they are more than the real ones. */
  floats base;
};

ALWAYS_INLINE struct decoder decoder_of(int32_t format) {
  const lanes numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const lanes offset = lanes_of(block_offset(format));
  const lanes bytes = block_has_table(format)
                          ? load_zero_points(format == OCTET_BLOCK_IQ4_NL ? nonlinear_table : e2m1_table)
                          : numbers;
  struct decoder decoder;
  decoder.values = floats_of_lanes(subtracted(bytes, offset));
  decoder.more = added(decoder.values, floats_of(16));
  decoder.base = floats_of(0x1p23f + (float)block_offset(format));
  return decoder;
}

ALWAYS_INLINE int takes_nibbles(int32_t format) {
  return block_weight_bits(format) == 4;
}

ALWAYS_INLINE floats decoded(int32_t format, lanes packed, int32_t i, int32_t half,
                             const struct decoder *decoder) {
  if (takes_nibbles(format)) {
    /* A permutation looks at the lowest four bits of its index alone, one of two vectors at five. */
    return _mm512_permutexvar_ps(_mm512_srli_epi32(packed, (uint32_t)(8 * i + 4 * half)), decoder->values);
  }
  const lanes byte = _mm512_srli_epi32(packed, (uint32_t)(8 * i));
  if (block_weight_bits(format) == 5) {
    return _mm512_permutex2var_ps(decoder->values, byte, decoder->more);
  }
  /* The byte below an exponent of 2^23: as a float 2^23 + byte. */
  const lanes joined =
      _mm512_ternarylogic_epi32(byte, lanes_of(0xff), _mm512_castps_si512(floats_of(0x1p23f)), 0xea);
  return _mm512_sub_ps(_mm512_castsi512_ps(joined), decoder->base);
}

#include "block_weight_only.inc.h"

#include "block_weight_only_digits.inc.h"

void octet_f32blocks_f32_pg_weightonly_12x32__avx512vnni(const struct octet_group_matmul *product,
                                                         const void *src, int64_t src_stride, void *dst,
                                                         int64_t dst_stride, int32_t rows,
                                                         int32_t first_column, int32_t columns) {
  if (rows == 1 && run_digits(product, src, dst, first_column, columns)) {
    return;
  }
  run(product, src, src_stride, dst, dst_stride, rows, first_column, columns);
}
