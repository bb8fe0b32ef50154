/* What both products of weights in groups share on 64-bit Arm: panels of 16 columns as two vectors of 8, each
   of them two registers of 128 bits, so that the layout and the templates are those of 256 bits; the scales
   and zero points of a block; from a sum to the result. */
#ifndef OCTET_GROUP_NEON_H
#define OCTET_GROUP_NEON_H

#include <arm_neon.h>

#include "group_layout.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum { VECTOR_COLUMNS = 8, PANEL_COLUMNS = 16 };

typedef float32x4x2_t floats;
typedef int32x4x2_t lanes;

ALWAYS_INLINE floats both_floats(float32x4_t low, float32x4_t high) {
  return (floats){{low, high}};
}

ALWAYS_INLINE lanes both_lanes(int32x4_t low, int32x4_t high) {
  return (lanes){{low, high}};
}

ALWAYS_INLINE lanes both_bytes(uint8x16_t low, uint8x16_t high) {
  return both_lanes(vreinterpretq_s32_u8(low), vreinterpretq_s32_u8(high));
}

/* One of the two registers of a vector. */
ALWAYS_INLINE uint8x16_t bytes_in(lanes x, int32_t half) {
  return vreinterpretq_u8_s32(x.val[half]);
}

ALWAYS_INLINE floats floats_of(float x) {
  return both_floats(vdupq_n_f32(x), vdupq_n_f32(x));
}

ALWAYS_INLINE floats floats_of_lanes(lanes x) {
  return both_floats(vcvtq_f32_s32(x.val[0]), vcvtq_f32_s32(x.val[1]));
}

ALWAYS_INLINE floats multiplied(floats a, floats b) {
  return both_floats(vmulq_f32(a.val[0], b.val[0]), vmulq_f32(a.val[1], b.val[1]));
}

ALWAYS_INLINE floats added(floats a, floats b) {
  return both_floats(vaddq_f32(a.val[0], b.val[0]), vaddq_f32(a.val[1], b.val[1]));
}

ALWAYS_INLINE floats fused(floats a, floats b, floats c) {
  return both_floats(vfmaq_f32(c.val[0], a.val[0], b.val[0]), vfmaq_f32(c.val[1], a.val[1], b.val[1]));
}

/* At any address. */
ALWAYS_INLINE lanes load_lanes(const void *from) {
  const uint8_t *bytes = from;
  return both_bytes(vld1q_u8(bytes), vld1q_u8(bytes + 16));
}

/* For what is used twice: the compiler would load it twice. */
ALWAYS_INLINE lanes load_once(const void *from) {
  lanes x = load_lanes(from);
  __asm__("" : "+w"(x.val[0]), "+w"(x.val[1]));
  return x;
}

ALWAYS_INLINE lanes lanes_of(int32_t x) {
  return both_lanes(vdupq_n_s32(x), vdupq_n_s32(x));
}

ALWAYS_INLINE int32x4_t halves_of(int32x4_t a, int32x4_t b) {
  const int32x4_t low = vmulq_s32(vshrq_n_s32(vshlq_n_s32(a, 16), 16), vshrq_n_s32(vshlq_n_s32(b, 16), 16));
  return vmlaq_s32(low, vshrq_n_s32(a, 16), vshrq_n_s32(b, 16));
}

/* Each lane's two halves of 16 bits multiplied and added. */
ALWAYS_INLINE lanes multiplied_halves(lanes a, lanes b) {
  return both_lanes(halves_of(a.val[0], b.val[0]), halves_of(a.val[1], b.val[1]));
}

ALWAYS_INLINE lanes low_nibbles(lanes x) {
  const uint8x16_t mask = vdupq_n_u8(0xf);
  return both_bytes(vandq_u8(bytes_in(x, 0), mask), vandq_u8(bytes_in(x, 1), mask));
}

ALWAYS_INLINE lanes high_nibbles(lanes x) {
  return both_bytes(vshrq_n_u8(bytes_in(x, 0), 4), vshrq_n_u8(bytes_in(x, 1), 4));
}

ALWAYS_INLINE lanes high_nibbles_in_place(lanes x) {
  const uint8x16_t mask = vdupq_n_u8(0xf0);
  return both_bytes(vandq_u8(bytes_in(x, 0), mask), vandq_u8(bytes_in(x, 1), mask));
}

/* For multiples of 16. */
ALWAYS_INLINE lanes add_sixteenth(lanes sum, lanes x) {
  return both_lanes(vsraq_n_s32(sum.val[0], x.val[0], 4), vsraq_n_s32(sum.val[1], x.val[1], 4));
}

ALWAYS_INLINE floats floats_of_bits(lanes x) {
  return both_floats(vreinterpretq_f32_s32(x.val[0]), vreinterpretq_f32_s32(x.val[1]));
}

/* Scales of 8 columns from a column of the block on. The branches go the same way for the whole run. */
ALWAYS_INLINE floats load_scales(int32_t scale_type, const uint8_t *block, int32_t column) {
  if (scale_type == OCTET_SCALES_F32) {
    return floats_of_bits(load_lanes(block + 4 * column));
  }
  const uint16x8_t narrow = vreinterpretq_u16_u8(vld1q_u8(block + 2 * column));
  if (scale_type == OCTET_SCALES_F16) {
    return both_floats(vcvt_f32_f16(vreinterpret_f16_u16(vget_low_u16(narrow))),
                       vcvt_f32_f16(vreinterpret_f16_u16(vget_high_u16(narrow))));
  }
  return both_floats(vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(narrow), 16)),
                     vreinterpretq_f32_u32(vshll_n_u16(vget_high_u16(narrow), 16)));
}

ALWAYS_INLINE uint8x16_t joined_16(int32x4_t x, int32_t left, int32_t mask, uint8x16_t below) {
  /* A shift by less than 0 goes to the right, and fills with 0 where lanes are unsigned. */
  const uint32x4_t shifted = vshlq_u32(vreinterpretq_u32_s32(x), vdupq_n_s32(left));
  return vorrq_u8(vandq_u8(vreinterpretq_u8_u32(shifted), vdupq_n_u8((uint8_t)mask)), below);
}

/* 8-bit lanes that a mask selects from a vector whose 32-bit lanes are shifted, left or, below 0, right; and
   the other bits of another one. */
ALWAYS_INLINE lanes joined(lanes x, int32_t left, int32_t mask, lanes below) {
  return both_bytes(joined_16(x.val[0], left, mask, bytes_in(below, 0)),
                    joined_16(x.val[1], left, mask, bytes_in(below, 1)));
}

/* 16 bytes, for each number from 0 to 15. */
ALWAYS_INLINE lanes load_table(const uint8_t *from) {
  return both_bytes(vld1q_u8(from), vld1q_u8(from));
}

ALWAYS_INLINE lanes low_numbers(lanes x) {
  return low_nibbles(x);
}

ALWAYS_INLINE lanes high_numbers(lanes x) {
  return high_nibbles(x);
}

ALWAYS_INLINE lanes looked_up(lanes table, lanes numbers) {
  return both_bytes(vqtbl1q_u8(bytes_in(table, 0), bytes_in(numbers, 0)),
                    vqtbl1q_u8(bytes_in(table, 0), bytes_in(numbers, 1)));
}

/* 8 signed bytes to integers. */
ALWAYS_INLINE lanes load_signed_bytes(const uint8_t *bytes) {
  const int16x8_t words = vmovl_s8(vreinterpret_s8_u8(vld1_u8(bytes)));
  return both_lanes(vmovl_s16(vget_low_s16(words)), vmovl_s16(vget_high_s16(words)));
}

ALWAYS_INLINE lanes shifted_left(lanes x, int32_t by) {
  return both_lanes(vshlq_s32(x.val[0], vdupq_n_s32(by)), vshlq_s32(x.val[1], vdupq_n_s32(by)));
}

ALWAYS_INLINE lanes subtracted(lanes a, lanes b) {
  return both_lanes(vsubq_s32(a.val[0], b.val[0]), vsubq_s32(a.val[1], b.val[1]));
}

/* The greater, as signed integers. */
ALWAYS_INLINE lanes greater(lanes a, lanes b) {
  return both_lanes(vmaxq_s32(a.val[0], b.val[0]), vmaxq_s32(a.val[1], b.val[1]));
}

/* 8 bytes to integers. */
ALWAYS_INLINE lanes load_zero_points(const uint8_t *bytes) {
  const int16x8_t words = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(bytes)));
  return both_lanes(vmovl_s16(vget_low_s16(words)), vmovl_s16(vget_high_s16(words)));
}

#ifdef __ARM_FEATURE_MATMUL_INT8
/* Four unsigned weights of a lane times four signed values. */
ALWAYS_INLINE lanes mixed_dot(lanes sums, lanes weights, lanes values) {
  return both_lanes(vusdotq_s32(sums.val[0], bytes_in(weights, 0), vreinterpretq_s8_s32(values.val[0])),
                    vusdotq_s32(sums.val[1], bytes_in(weights, 1), vreinterpretq_s8_s32(values.val[1])));
}
#endif

/* Math.max and Math.min, as the instructions are: NaN stays, 0 is greater than -0. */
ALWAYS_INLINE floats java_max(floats y, floats low) {
  return both_floats(vmaxq_f32(y.val[0], low.val[0]), vmaxq_f32(y.val[1], low.val[1]));
}

ALWAYS_INLINE floats java_min(floats y, floats high) {
  return both_floats(vminq_f32(y.val[0], high.val[0]), vminq_f32(y.val[1], high.val[1]));
}

/* The first floats, 0 for the others; at any address. */
ALWAYS_INLINE floats load_first(const float *from, int32_t count) {
  float all[VECTOR_COLUMNS] = {0};
  if (count >= VECTOR_COLUMNS) {
    __builtin_memcpy(all, from, sizeof all);
  } else {
    for (int32_t i = 0; i < count; i++) {
      __builtin_memcpy(all + i, (const char *)from + 4 * i, 4);
    }
  }
  return both_floats(vld1q_f32(all), vld1q_f32(all + 4));
}

ALWAYS_INLINE void store_first(float *to, int32_t count, floats x) {
  float all[VECTOR_COLUMNS];
  vst1q_f32(all, x.val[0]);
  vst1q_f32(all + 4, x.val[1]);
  if (count >= VECTOR_COLUMNS) {
    __builtin_memcpy(to, all, sizeof all);
  } else {
    for (int32_t i = 0; i < count; i++) {
      __builtin_memcpy((char *)to + 4 * i, all + i, 4);
    }
  }
}

#endif
