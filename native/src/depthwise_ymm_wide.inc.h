/* Taps of depthwise convolutions on 256 bits without VNNI: of fours, bytes 0 and 2, and bytes 1 and 3, as 16
   bits. */

enum { SIGNED_TAPS = 0 };

struct taps {
  __m256i even;
  __m256i odd;
};

ALWAYS_INLINE struct taps load_taps(const int8_t *weights) {
  const struct taps taps = {even_bytes(weights), odd_bytes(weights)};
  return taps;
}

ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  const __m256i fours = _mm256_loadu_si256((const __m256i *)bytes);
  const __m256i even = _mm256_and_si256(fours, _mm256_set1_epi16(0xff));
  sums = _mm256_add_epi32(sums, _mm256_madd_epi16(even, taps.even));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_srli_epi16(fours, 8), taps.odd));
}
