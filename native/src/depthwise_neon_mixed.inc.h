/* Taps of depthwise convolutions by usdot: bytes and weights as they are. */

enum { SIGNED_TAPS = 0 };

struct taps {
  int8x16_t weights;
};

ALWAYS_INLINE struct taps load_taps(const int8_t *weights) {
  const struct taps taps = {vld1q_s8(weights)};
  return taps;
}

ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  return vusdotq_s32(sums, vld1q_u8(bytes), taps.weights);
}
