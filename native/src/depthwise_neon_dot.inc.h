/* Taps of depthwise convolutions by sdot: bytes less 128. */

enum { SIGNED_TAPS = 1 };

ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  const uint8x16_t fours = veorq_u8(vld1q_u8(bytes), vdupq_n_u8(0x80));
  return vdotq_s32(sums, vreinterpretq_s8_u8(fours), taps.weights);
}
