/* Taps of depthwise convolutions on 128 bits: all but the multiplication. */

enum { TAP_LANES = 4, SLIDES = 1 };

typedef int32x4_t lanes;

ALWAYS_INLINE lanes load_lanes(const int32_t *from) {
  return vld1q_s32(from);
}

ALWAYS_INLINE void store_lanes(int32_t *to, lanes sums) {
  vst1q_s32(to, sums);
}

struct taps {
  int8x16_t weights;
};

ALWAYS_INLINE struct taps load_taps(const int8_t *weights) {
  const struct taps taps = {vld1q_s8(weights)};
  return taps;
}

ALWAYS_INLINE void interleave(const uint8_t *const rows[4], int32_t channels, uint8_t flip, uint8_t *to) {
  const uint8x16_t flips = vdupq_n_u8(flip);
  for (int32_t channel = 0; channel < channels; channel += 16) {
    uint8x16x4_t all;
    if (channels - channel >= 16) {
      UNROLL for (int i = 0; i < 4; i++) {
        all.val[i] = veorq_u8(vld1q_u8(rows[i] + channel), flips);
      }
    } else {
      UNROLL for (int i = 0; i < 4; i++) {
        uint8_t last[16];
        for (int32_t c = 0; c < 16; c++) {
          last[c] = c < channels - channel ? rows[i][channel + c] : 0;
        }
        all.val[i] = veorq_u8(vld1q_u8(last), flips);
      }
    }
    vst4q_u8(to + channel * 4, all);
  }
}

ALWAYS_INLINE void pick_16(const uint8_t *from, const uint8_t *index, uint8_t *to) {
  vst1q_u8(to, vqtbl1q_u8(vld1q_u8(from), vld1q_u8(index)));
}
