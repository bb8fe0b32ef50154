/* Weights into panels of 16 columns for 64-bit Arm. The file that includes this has defined

     FLIP    what is XORed to S8 weights: 0, or 0x80, which makes U8 of them, 128 more
     PAIRS   0: four of K for each column in one lane of 32 bits; 1: eight in one of 64, and the last four of
   an odd number of fours as with 0 */

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
  const int8x16_t weights = vreinterpretq_s8_u8(veorq_u8(fours, vdupq_n_u8(FLIP)));
  return vpadalq_s16(sums, vpaddlq_s8(weights));
}

/* Fours of 16 columns, and those of the next four K, if any. */
ALWAYS_INLINE void store_fours(uint8_t *to, const uint8x16_t fours[4], const uint8x16_t *next) {
  UNROLL for (int v = 0; v < 4; v++) {
    if (!PAIRS || next == 0) {
      vst1q_u8(to + v * 16, fours[v]);
    } else {
      const uint32x4_t first = vreinterpretq_u32_u8(fours[v]);
      const uint32x4_t second = vreinterpretq_u32_u8(next[v]);
      vst1q_u8(to + v * 32, vreinterpretq_u8_u32(vzip1q_u32(first, second)));
      vst1q_u8(to + v * 32 + 16, vreinterpretq_u8_u32(vzip2q_u32(first, second)));
    }
  }
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

/* Four rows of [K][N] as fours. */
ALWAYS_INLINE void fours_of_rows(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns,
                                 uint8_t flips, uint8x16_t fours[4]) {
  uint8x16_t row[4];
  UNROLL for (int r = 0; r < 4; r++) {
    /* A weight that is not there is FLIP, as one of 0 is. */
    const uint8x16_t bytes = load_bytes(weights + r * stride, r < k ? columns : 0, FLIP ^ flips);
    row[r] = veorq_u8(bytes, vdupq_n_u8(flips));
  }
  const uint16x8_t low01 = vreinterpretq_u16_u8(vzip1q_u8(row[0], row[1]));
  const uint16x8_t high01 = vreinterpretq_u16_u8(vzip2q_u8(row[0], row[1]));
  const uint16x8_t low23 = vreinterpretq_u16_u8(vzip1q_u8(row[2], row[3]));
  const uint16x8_t high23 = vreinterpretq_u16_u8(vzip2q_u8(row[2], row[3]));
  fours[0] = vreinterpretq_u8_u16(vzip1q_u16(low01, low23));
  fours[1] = vreinterpretq_u8_u16(vzip2q_u16(low01, low23));
  fours[2] = vreinterpretq_u8_u16(vzip1q_u16(high01, high23));
  fours[3] = vreinterpretq_u8_u16(vzip2q_u16(high01, high23));
}

static void pack_rows(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                      int8_t *packed, int32_t *sums, int streamed) {
  (void)streamed;
  const uint8_t flips = flip ^ FLIP;
  int32x4_t totals[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  for (int32_t i = 0; i < k; i += 8) {
    uint8x16_t fours[4];
    uint8x16_t next[4];
    uint8_t *to = (uint8_t *)packed + (int64_t)i * PANEL_COLUMNS;
    const int both = i + 4 < k;
    fours_of_rows(weights + i * stride, stride, k - i, columns, flips, fours);
    fours_of_rows(weights + (i + 4) * stride, stride, k - i - 4, columns, flips, next);
    store_fours(to, fours, both ? next : 0);
    if (!PAIRS && both) {
      store_fours(to + 4 * PANEL_COLUMNS, next, 0);
    }
    UNROLL for (int v = 0; v < 4; v++) {
      totals[v] = add_fours(add_fours(totals[v], fours[v]), next[v]);
    }
  }
  add_totals(totals, columns, sums);
}

/* Up to 16 K of four columns of [N][K] as the fours of four steps. */
ALWAYS_INLINE void fours_of_columns(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns,
                                    uint8_t flips, uint8x16_t fours[4]) {
  uint32x4_t column[4];
  UNROLL for (int c = 0; c < 4; c++) {
    const uint8x16_t bytes = load_bytes(weights + c * stride, c < columns ? k : 0, FLIP ^ flips);
    column[c] = vreinterpretq_u32_u8(veorq_u8(bytes, vdupq_n_u8(flips)));
  }
  const uint64x2_t low01 = vreinterpretq_u64_u32(vzip1q_u32(column[0], column[1]));
  const uint64x2_t high01 = vreinterpretq_u64_u32(vzip2q_u32(column[0], column[1]));
  const uint64x2_t low23 = vreinterpretq_u64_u32(vzip1q_u32(column[2], column[3]));
  const uint64x2_t high23 = vreinterpretq_u64_u32(vzip2q_u32(column[2], column[3]));
  fours[0] = vreinterpretq_u8_u64(vzip1q_u64(low01, low23));
  fours[1] = vreinterpretq_u8_u64(vzip2q_u64(low01, low23));
  fours[2] = vreinterpretq_u8_u64(vzip1q_u64(high01, high23));
  fours[3] = vreinterpretq_u8_u64(vzip2q_u64(high01, high23));
}

static void pack_columns(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                         int8_t *packed, int32_t *sums) {
  const uint8_t flips = flip ^ FLIP;
  int32x4_t totals[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  for (int32_t i = 0; i < k; i += 16) {
    const int32_t bytes = at_most(16, k - i);
    uint8x16_t fours[4][4];
    UNROLL for (int v = 0; v < 4; v++) {
      uint8x16_t steps[4];
      fours_of_columns(weights + v * 4 * stride + i, stride, bytes, columns - v * 4, flips, steps);
      UNROLL for (int s = 0; s < 4; s++) {
        fours[s][v] = steps[s];
        totals[v] = add_fours(totals[v], steps[s]);
      }
    }
    uint8_t *to = (uint8_t *)packed + (int64_t)i * PANEL_COLUMNS;
    for (int32_t s = 0; s * 4 < bytes; s += PAIRS ? 2 : 1) {
      store_fours(to + s * 4 * PANEL_COLUMNS, fours[s], s * 4 + 4 < bytes ? fours[s + 1] : 0);
    }
  }
  add_totals(totals, columns, sums);
}

#include "matmul_pack.inc.h"
