/* What the tiers of 64-bit Arm share: all but the multiplication. No speed was measured on an Arm CPU: sizes
   follow from the number of registers, 32 of 128 bits, and from published throughputs. */

enum { LANES = 4, PANEL_COLUMNS = 16, ASKS = 0, FUSES = 0, NARROW_ROWS = TILE_ROWS };

#include "matmul_readable.inc.h"

static int32_t sum_row(const uint8_t *src, int32_t k, uint32_t flip) {
  const uint8x16_t flips = vdupq_n_u8((uint8_t)flip);
  uint32x4_t sum = vdupq_n_u32(0);
  int32_t i = 0;
  for (; i + 16 <= k; i += 16) {
    sum = vpadalq_u16(sum, vpaddlq_u8(veorq_u8(vld1q_u8(src + i), flips)));
  }
  uint32_t total = vaddvq_u32(sum);
  for (; i < k; i++) {
    total += src[i] ^ (uint8_t)flip;
  }
  return (int32_t)total;
}

/* Addresses need no alignment. */
ALWAYS_INLINE int32x4_t load_integers(const loose_int *from) {
  int32x4_t x;
  __builtin_memcpy(&x, from, sizeof x);
  return x;
}

ALWAYS_INLINE float32x4_t load_reals(const float *from) {
  float32x4_t x;
  __builtin_memcpy(&x, from, sizeof x);
  return x;
}

/* Up to four lanes, at any address. */
ALWAYS_INLINE void store_lanes_of(loose_int *to, int32x4_t x, int32_t count) {
  if (count >= LANES) {
    __builtin_memcpy(to, &x, sizeof x);
    return;
  }
  for (int32_t i = 0; i < count; i++) {
    to[i] = x[i];
  }
}

/* What is not there is not read, and never written to an output. */
ALWAYS_INLINE void gather(const loose_int *sums, const int32_t *offsets, int32_t columns, int32_t *to) {
  int32_t c = 0;
  for (; c + LANES <= columns; c += LANES) {
    vst1q_s32(to + c, vaddq_s32(load_integers(sums + c), load_integers(offsets + c)));
  }
  for (; c < columns; c++) {
    to[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)offsets[c]);
  }
}

/* The sums of 4 columns, complete. */
ALWAYS_INLINE int32x4_t complete(const int general, const int32_t *sums, const struct column_block *block,
                                 const struct row_terms *terms, int32_t row, int v) {
  int32x4_t sum = load_integers(sums + row * BLOCK_COLUMNS + v * LANES);
  if (general && block->zero_point_factors != 0) {
    sum = vmlsq_n_s32(sum, load_integers(block->zero_point_factors + v * LANES), zero_point_of(terms, row));
  }
  if (general && block->weight_zero_points != 0) {
    sum = vmlsq_n_s32(sum, load_integers(block->weight_zero_points + v * LANES), terms->sums[row]);
  }
  return sum;
}

ALWAYS_INLINE float32x4_t scaled(const int general, const int32_t *sums, const struct column_block *block,
                                 const struct row_terms *terms, int32_t row, int v) {
  const float32x4_t sum = vcvtq_f32_s32(complete(general, sums, block, terms, row, v));
  float32x4_t multiplier = load_reals(block->multipliers + v * LANES);
  if (general && terms->scales != 0) {
    multiplier = vmulq_n_f32(multiplier, terms->scales[row]);
  }
  return vmulq_f32(sum, multiplier);
}

ALWAYS_INLINE void finish_s32(const int general, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *terms, loose_int *dst,
                              int64_t dst_stride) {
  for (int v = 0; v * LANES < block->columns; v++) {
    for (int32_t r = 0; r < rows; r++) {
      store_lanes_of(dst + r * dst_stride + v * LANES, complete(general, sums, block, terms, r, v),
                     block->columns - v * LANES);
    }
  }
}

ALWAYS_INLINE void finish_f32(const int general, const int bounded, const int32_t *sums, int32_t rows,
                              const struct column_block *block, const struct row_terms *terms,
                              const struct output *output, loose_float *dst, int64_t dst_stride) {
  const float32x4_t low = vdupq_n_f32(output->low);
  const float32x4_t high = vdupq_n_f32(output->high);
  const float32x4_t low_zero = vdupq_n_f32(zero_from_below(output->low));
  const int32x4_t high_zero = vreinterpretq_s32_f32(vdupq_n_f32(zero_from_above(output->high)));
  for (int v = 0; v * LANES < block->columns; v++) {
    for (int32_t r = 0; r < rows; r++) {
      float32x4_t t =
          vaddq_f32(scaled(general, sums, block, terms, r, v), load_reals(block->bias + v * LANES));
      int32x4_t bits = vreinterpretq_s32_f32(t);
      if (bounded) {
        /* Compared so, both pass NaN on, and of two zeros t; vmaxq_f32 knows +0 from -0. */
        t = vaddq_f32(vbslq_f32(vcgtq_f32(low, t), low, t), low_zero);
        t = vbslq_f32(vcltq_f32(high, t), high, t);
        bits = vorrq_s32(vreinterpretq_s32_f32(t), high_zero);
      }
      store_lanes_of((loose_int *)(void *)(dst + r * dst_stride + v * LANES), bits,
                     block->columns - v * LANES);
    }
  }
}

ALWAYS_INLINE void finish_bytes(const int is_signed, const int general, const int32_t *sums, int32_t rows,
                                const struct column_block *block, const struct row_terms *terms,
                                const struct output *output, uint8_t *dst, int64_t dst_stride) {
  const float32x4_t low = vdupq_n_f32(output->low);
  const float32x4_t high = vdupq_n_f32(output->high);
  const int32x4_t zero_point = vdupq_n_s32(output->zero_point);
  (void)is_signed;
  for (int32_t column = 0; column < block->columns; column += 4 * LANES) {
    for (int32_t r = 0; r < rows; r++) {
      int16x4_t words[4];
      UNROLL for (int v = 0; v < 4; v++) {
        const float32x4_t t = scaled(general, sums, block, terms, r, column / LANES + v);
        /* vmaxnmq_f32 gives the number of a number and NaN: the lower bound. */
        const int32x4_t rounded = vcvtnq_s32_f32(vminq_f32(vmaxnmq_f32(t, low), high));
        words[v] = vmovn_s32(vaddq_s32(rounded, zero_point));
      }
      /* Within the bounds nothing is left to saturate. */
      const int8x16_t bytes = vcombine_s8(vmovn_s16(vcombine_s16(words[0], words[1])),
                                          vmovn_s16(vcombine_s16(words[2], words[3])));
      uint8_t *to = dst + r * dst_stride + column;
      if (block->columns - column >= 4 * LANES) {
        vst1q_u8(to, vreinterpretq_u8_s8(bytes));
      } else {
        for (int32_t c = 0; c < block->columns - column; c++) {
          to[c] = (uint8_t)bytes[c];
        }
      }
    }
  }
}

#include "matmul_unfused.inc.h"
