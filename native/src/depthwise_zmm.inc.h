/* Taps of depthwise convolutions by vpdpbusd on 512 bits. */

enum { TAP_LANES = 16, SLIDES = 1, SIGNED_TAPS = 0 };

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

ALWAYS_INLINE void pick_16(const uint8_t *from, const uint8_t *index, uint8_t *to) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)from);
  _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(bytes, _mm_loadu_si128((const __m128i *)index)));
}

/* A line of outputs, four vectors of channels each, or two vectors of two outputs at a time. Weights stay in
   registers, and sums never leave them. */
ALWAYS_INLINE void slide_line(const int is_signed, const int vectors, const int width, const int quads,
                              const struct windows *w, const int32_t *start, const struct byte_outputs *from,
                              int32_t outputs) {
  /* Copies: what is written might be what they were read from. */
  const struct byte_outputs output = *from;
  const int64_t stride = w->stride;
  const int64_t column = w->dilation;
  const int64_t quad_bytes = w->quad_bytes;
  const int together = 4 / vectors;
  const __mmask64 there = ~(__mmask64)0 >> (64 - w->columns);
  __m512i taps[4 * WIDE_SLIDE];
  __m512i starts[4];
  __m512 multipliers[4];
  UNROLL for (int v = 0; v < 4; v++) {
    const int at = v % vectors;
    starts[v] = _mm512_loadu_si512(start + at * 16);
    multipliers[v] = _mm512_maskz_loadu_ps((__mmask16)(there >> at * 16), output.multipliers + at * 16);
    UNROLL for (int tap = 0; tap < width * quads; tap++) {
      taps[tap * vectors + at] = _mm512_loadu_si512(w->weights + tap * COLUMN_BYTES + at * 64);
    }
  }
  const uint8_t *bytes = w->bytes;
  uint8_t *dst = output.dst;
  for (int32_t i = 0; i < outputs; i += together) {
    const int64_t next = together == 2 && i + 1 < outputs ? stride : 0;
    __m512i sums[4];
    UNROLL for (int v = 0; v < 4; v++) {
      const uint8_t *columns = bytes + (v / vectors) * next + v % vectors * 64;
      sums[v] = starts[v];
      UNROLL for (int tap = 0; tap < width * quads; tap++) {
        const uint8_t *four = columns + tap / width * quad_bytes + tap % width * column;
        sums[v] = _mm512_dpbusd_epi32(sums[v], _mm512_loadu_si512(four), taps[tap * vectors + v % vectors]);
      }
    }
    const __m512i all = bytes_of(is_signed, 1, sums, multipliers, &output);
    if (vectors == 4) {
      _mm512_mask_storeu_epi8(dst, there, all);
    } else {
      _mm256_mask_storeu_epi8(dst, (__mmask32)there, _mm512_castsi512_si256(all));
      _mm256_mask_storeu_epi8(dst + (next == 0 ? 0 : output.dst_stride), (__mmask32)there,
                              _mm512_extracti64x4_epi64(all, 1));
    }
    bytes += together * stride;
    dst += together * output.dst_stride;
  }
}

typedef void line_function(const struct windows *w, const int32_t *start, const struct byte_outputs *output,
                           int32_t outputs);

#define SLIDE_LINE(name, vectors, width, quads)                                                         \
  static __attribute__((noinline)) void u8_##name(const struct windows *w, const int32_t *start,        \
                                                  const struct byte_outputs *output, int32_t outputs) { \
    slide_line(0, vectors, width, quads, w, start, output, outputs);                                    \
  }                                                                                                     \
  static __attribute__((noinline)) void s8_##name(const struct windows *w, const int32_t *start,        \
                                                  const struct byte_outputs *output, int32_t outputs) { \
    slide_line(1, vectors, width, quads, w, start, output, outputs);                                    \
  }
SLIDE_LINE(slide_line, 4, SLIDE_WIDTH, 1)
SLIDE_LINE(slide_half_line, 2, SLIDE_WIDTH, 1)
SLIDE_LINE(slide_wide_half_line, 2, WIDE_SLIDE, 1)
SLIDE_LINE(slide_tall_half_line, 2, WIDE_SLIDE, 2)

/* Five columns of weights fill the registers with half of the channels. */
ALWAYS_INLINE void slide_to_bytes(const int is_signed, const struct windows *from, const int32_t *start,
                                  const struct column_block *block, const struct output *output, uint8_t *dst,
                                  int64_t dst_stride, int32_t outputs) {
  struct byte_outputs to = byte_outputs_of(is_signed, block, output, dst, dst_stride);
  if (from->columns > 32 && from->kernel_width == SLIDE_WIDTH) {
    (is_signed ? s8_slide_line : u8_slide_line)(from, start, &to, outputs);
    return;
  }
  line_function *const narrow = is_signed ? s8_slide_half_line : u8_slide_half_line;
  line_function *const wide = is_signed ? s8_slide_wide_half_line : u8_slide_wide_half_line;
  line_function *const tall = is_signed ? s8_slide_tall_half_line : u8_slide_tall_half_line;
  line_function *const slide = from->kernel_width == SLIDE_WIDTH ? narrow : from->quads == 1 ? wide : tall;
  struct windows half = *from;
  for (int32_t channel = 0; channel < from->columns; channel += 32) {
    half.columns = at_most(32, from->columns - channel);
    half.bytes = from->bytes + channel * 4;
    half.weights = from->weights + channel * 4;
    to.multipliers = block->multipliers + channel;
    to.dst = dst + channel;
    slide(&half, start + channel, &to, outputs);
  }
}
