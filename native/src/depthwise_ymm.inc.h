/* Taps of depthwise convolutions on 256 bits: all but the multiplication. */

enum { TAP_LANES = 8, SLIDES = 1 };

typedef __m256i lanes;

ALWAYS_INLINE lanes load_lanes(const int32_t *from) {
  return _mm256_loadu_si256((const __m256i *)from);
}

ALWAYS_INLINE void store_lanes(int32_t *to, lanes sums) {
  _mm256_store_si256((__m256i *)to, sums);
}

ALWAYS_INLINE void interleave_32(const uint8_t *const rows[4], __m256i flips, uint8_t *to) {
  /* Unpacks work within 128 bits: fours of channels are dealt out to them, so that they end up in order. */
  const __m256i order = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
  __m256i row[4];
  UNROLL for (int i = 0; i < 4; i++) {
    const __m256i bytes = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)rows[i]), flips);
    row[i] = _mm256_permutevar8x32_epi32(bytes, order);
  }
  const __m256i low01 = _mm256_unpacklo_epi8(row[0], row[1]);
  const __m256i high01 = _mm256_unpackhi_epi8(row[0], row[1]);
  const __m256i low23 = _mm256_unpacklo_epi8(row[2], row[3]);
  const __m256i high23 = _mm256_unpackhi_epi8(row[2], row[3]);
  _mm256_storeu_si256((__m256i *)to, _mm256_unpacklo_epi16(low01, low23));
  _mm256_storeu_si256((__m256i *)(to + 32), _mm256_unpackhi_epi16(low01, low23));
  _mm256_storeu_si256((__m256i *)(to + 64), _mm256_unpacklo_epi16(high01, high23));
  _mm256_storeu_si256((__m256i *)(to + 96), _mm256_unpackhi_epi16(high01, high23));
}

ALWAYS_INLINE void interleave(const uint8_t *const rows[4], int32_t channels, uint8_t flip, uint8_t *to) {
  const __m256i flips = _mm256_set1_epi8((char)flip);
  for (int32_t channel = 0; channel < channels; channel += 32) {
    const uint8_t *here[4] = {rows[0] + channel, rows[1] + channel, rows[2] + channel, rows[3] + channel};
    uint8_t last[4][32];
    if (channels - channel < 32) {
      for (int i = 0; i < 4; i++) {
        for (int32_t c = 0; c < 32; c++) {
          last[i][c] = c < channels - channel ? here[i][c] : 0;
        }
        here[i] = last[i];
      }
    }
    interleave_32(here, flips, to + channel * 4);
  }
}

ALWAYS_INLINE void pick_16(const uint8_t *from, const uint8_t *index, uint8_t *to) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)from);
  _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(bytes, _mm_loadu_si128((const __m128i *)index)));
}
