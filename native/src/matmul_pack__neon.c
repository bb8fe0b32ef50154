/* Weights into panels of 16 columns for udot: four of K for each column in one 32-bit lane, as U8, 128 more
   than S8. */
#include <arm_neon.h>

#include "matmul.h"

enum { PANEL_COLUMNS = 16 };

/* Up to 16 bytes, the rest as given. */
ALWAYS_INLINE uint8x16_t load_bytes(const uint8_t *from, int32_t bytes, uint8_t rest) {
  if (bytes >= 16) {
    return vld1q_u8(from);
  }
  uint8_t all[16];
  for (int32_t i = 0; i < 16; i++) {
    all[i] = i < bytes ? from[i] : rest;
  }
  return vld1q_u8(all);
}

/* Fours of four columns each, added up as S8. */
ALWAYS_INLINE int32x4_t add_fours(int32x4_t sums, uint8x16_t fours) {
  const int8x16_t weights = vreinterpretq_s8_u8(veorq_u8(fours, vdupq_n_u8(0x80)));
  const int16x8_t pairs = vpaddlq_s8(weights);
  return vpadalq_s16(sums, pairs);
}

ALWAYS_INLINE void add_totals(const int32x4_t totals[4], int32_t columns, int32_t *sums) {
  int32_t all[PANEL_COLUMNS];
  UNROLL for (int v = 0; v < 4; v++) {
    vst1q_s32(all + v * 4, totals[v]);
  }
  for (int32_t c = 0; c < columns; c++) {
    sums[c] += all[c];
  }
}

/* What is XORed to bytes of a type: the opposite of what makes S8 of them. */
ALWAYS_INLINE uint8_t unsigned_flip(uint8_t flip) {
  return flip ^ 0x80;
}

static void pack_rows(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                      int8_t *packed, int32_t *sums, int streamed) {
  (void)streamed;
  const uint8_t flips = unsigned_flip(flip);
  int32x4_t totals[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  for (int32_t i = 0; i < k; i += 4) {
    uint8x16x4_t rows;
    UNROLL for (int r = 0; r < 4; r++) {
      /* A weight of 0 is 128. */
      const uint8x16_t row =
          load_bytes(weights + (i + r) * stride, i + r < k ? columns : 0, (uint8_t)(0x80 ^ flips));
      rows.val[r] = veorq_u8(row, vdupq_n_u8(flips));
    }
    uint8_t *to = (uint8_t *)packed + (int64_t)i * PANEL_COLUMNS;
    vst4q_u8(to, rows);
    UNROLL for (int v = 0; v < 4; v++) {
      totals[v] = add_fours(totals[v], vld1q_u8(to + v * 16));
    }
  }
  add_totals(totals, columns, sums);
}

static void pack_columns(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                         int8_t *packed, int32_t *sums) {
  const uint8_t flips = unsigned_flip(flip);
  int32x4_t totals[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  for (int32_t i = 0; i < k; i += 16) {
    const int32_t bytes = at_most(16, k - i);
    UNROLL for (int v = 0; v < 4; v++) {
      uint64x2_t column[4];
      UNROLL for (int c = 0; c < 4; c++) {
        const int32_t number = v * 4 + c;
        const uint8x16_t row =
            load_bytes(weights + number * stride + i, number < columns ? bytes : 0, (uint8_t)(0x80 ^ flips));
        column[c] = vreinterpretq_u64_u8(veorq_u8(row, vdupq_n_u8(flips)));
      }
      const uint64x2_t low01 = vreinterpretq_u64_u32(
          vzip1q_u32(vreinterpretq_u32_u64(column[0]), vreinterpretq_u32_u64(column[1])));
      const uint64x2_t high01 = vreinterpretq_u64_u32(
          vzip2q_u32(vreinterpretq_u32_u64(column[0]), vreinterpretq_u32_u64(column[1])));
      const uint64x2_t low23 = vreinterpretq_u64_u32(
          vzip1q_u32(vreinterpretq_u32_u64(column[2]), vreinterpretq_u32_u64(column[3])));
      const uint64x2_t high23 = vreinterpretq_u64_u32(
          vzip2q_u32(vreinterpretq_u32_u64(column[2]), vreinterpretq_u32_u64(column[3])));
      const uint64x2_t fours[4] = {vzip1q_u64(low01, low23), vzip2q_u64(low01, low23),
                                   vzip1q_u64(high01, high23), vzip2q_u64(high01, high23)};
      UNROLL for (int s = 0; s < 4; s++) {
        if (s * 4 < bytes) {
          vst1q_u8((uint8_t *)packed + ((int64_t)i + s * 4) * PANEL_COLUMNS + v * 16,
                   vreinterpretq_u8_u64(fours[s]));
        }
        totals[v] = add_fours(totals[v], vreinterpretq_u8_u64(fours[s]));
      }
    }
  }
  add_totals(totals, columns, sums);
}

#include "matmul_pack.inc.h"

void octet_u8_matmul_pack_4x16__neon(const uint8_t *weights, int32_t type, int32_t transposed, int64_t stride,
                                     int32_t k, int32_t first_column, int32_t columns, int8_t *packed,
                                     int32_t *sums) {
  matmul_pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
}
