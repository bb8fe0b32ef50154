/* Taps of depthwise convolutions by usdot: bytes and weights as they are. */

enum { SIGNED_TAPS = 0 };

ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  return vusdotq_s32(sums, vld1q_u8(bytes), taps.weights);
}
