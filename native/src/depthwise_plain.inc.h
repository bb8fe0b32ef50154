/* Taps of depthwise convolutions in plain C. */

enum { TAP_LANES = 16, SLIDES = 0, SIGNED_TAPS = 0 };

typedef struct {
  uint32_t sums[TAP_LANES];
} lanes;

struct taps {
  const int8_t *weights;
};

ALWAYS_INLINE struct taps load_taps(const int8_t *weights) {
  const struct taps taps = {weights};
  return taps;
}

ALWAYS_INLINE lanes load_lanes(const int32_t *from) {
  lanes to;
  for (int c = 0; c < TAP_LANES; c++) {
    to.sums[c] = (uint32_t)from[c];
  }
  return to;
}

ALWAYS_INLINE void store_lanes(int32_t *to, lanes from) {
  for (int c = 0; c < TAP_LANES; c++) {
    to[c] = (int32_t)from.sums[c];
  }
}

/* Unsigned: the sums wrap around. */
ALWAYS_INLINE lanes add_taps(lanes sums, const uint8_t *bytes, struct taps taps) {
  for (int c = 0; c < TAP_LANES; c++) {
    int32_t sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += bytes[c * 4 + i] * taps.weights[c * 4 + i];
    }
    sums.sums[c] += (uint32_t)sum;
  }
  return sums;
}

ALWAYS_INLINE void interleave(const uint8_t *const rows[4], int32_t channels, uint8_t flip, uint8_t *to) {
  for (int32_t c = 0; c < channels; c++) {
    for (int i = 0; i < 4; i++) {
      to[c * 4 + i] = rows[i][c] ^ flip;
    }
  }
}

ALWAYS_INLINE void pick_16(const uint8_t *from, const uint8_t *index, uint8_t *to) {
  for (int i = 0; i < 16; i++) {
    to[i] = from[index[i]];
  }
}
