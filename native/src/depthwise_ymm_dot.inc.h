/* Taps of depthwise convolutions by vpdpbusd on 256 bits. */

enum { SIGNED_TAPS = 0 };

struct taps {
  __m256i weights;
};

ALWAYS_INLINE struct taps load_taps(const int8_t *weights) {
  const struct taps taps = {_mm256_loadu_si256((const __m256i *)weights)};
  return taps;
}

ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  return _mm256_dpbusd_avx_epi32(sums, _mm256_loadu_si256((const __m256i *)bytes), taps.weights);
}
