/* Taps of depthwise convolutions by vpdpbusd on 512 bits. */

enum { TAP_LANES = 16 };

typedef __m512i lanes;

struct taps {
  __m512i weights;
};

ALWAYS_INLINE struct taps load_taps(const int8_t *weights) {
  const struct taps taps = {_mm512_loadu_si512(weights)};
  return taps;
}

ALWAYS_INLINE lanes load_lanes(const int32_t *from) {
  return _mm512_loadu_si512(from);
}

ALWAYS_INLINE void store_lanes(int32_t *to, lanes sums) {
  _mm512_store_si512(to, sums);
}

ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  return _mm512_dpbusd_epi32(sums, _mm512_loadu_si512(bytes), taps.weights);
}

ALWAYS_INLINE void interleave(const uint8_t *const rows[4], int32_t channels, uint8_t flip, uint8_t *to) {
  const __mmask64 there = ~(__mmask64)0 >> (64 - channels);
  const __m512i flips = _mm512_set1_epi8((char)flip);
  /* Unpacks work within 128 bits: fours of channels are dealt out to them, so that they end up in order. */
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i row[4];
  UNROLL for (int i = 0; i < 4; i++) {
    const __m512i bytes = _mm512_xor_si512(_mm512_maskz_loadu_epi8(there, rows[i]), flips);
    row[i] = _mm512_permutexvar_epi32(order, bytes);
  }
  const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]);
  const __m512i high01 = _mm512_unpackhi_epi8(row[0], row[1]);
  const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]);
  const __m512i high23 = _mm512_unpackhi_epi8(row[2], row[3]);
  _mm512_storeu_si512(to, _mm512_unpacklo_epi16(low01, low23));
  _mm512_storeu_si512(to + 64, _mm512_unpackhi_epi16(low01, low23));
  _mm512_storeu_si512(to + 128, _mm512_unpacklo_epi16(high01, high23));
  _mm512_storeu_si512(to + 192, _mm512_unpackhi_epi16(high01, high23));
}
