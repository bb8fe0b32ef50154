/* Lines of bytes of a depthwise convolution whose window has three columns and at most four rows, straight
   from the image on 512 bits: three interleaved columns slide along in registers, and serve one line of
   outputs or two. Through memory (slide_line) 512x14x14 takes half as long again.

   Unpacks work within 128 bits. Channels stay in the order in which they come out of them, and the packs of
   the outputs put them back: vector v has the channels 16 * lane + 4 * v and the three behind it. Up to 32
   channels are two lanes, and a vector has them of two pixels, of neighbouring outputs. */

/* Deals the lanes of natural order out: lane l of vector v becomes lane v of vector l. */
ALWAYS_INLINE void deal_lanes(const __m512i *from, void *to) {
  const __m512i a = _mm512_shuffle_i32x4(from[0], from[1], 0x44);
  const __m512i b = _mm512_shuffle_i32x4(from[2], from[3], 0x44);
  const __m512i c = _mm512_shuffle_i32x4(from[0], from[1], 0xee);
  const __m512i d = _mm512_shuffle_i32x4(from[2], from[3], 0xee);
  uint8_t *bytes = to;
  _mm512_storeu_si512(bytes, _mm512_shuffle_i32x4(a, b, 0x88));
  _mm512_storeu_si512(bytes + 64, _mm512_shuffle_i32x4(a, b, 0xdd));
  _mm512_storeu_si512(bytes + 128, _mm512_shuffle_i32x4(c, d, 0x88));
  _mm512_storeu_si512(bytes + 192, _mm512_shuffle_i32x4(c, d, 0xdd));
}

/* A table of a panel, of which some entries are there. */
ALWAYS_INLINE void deal_table(const void *table, int32_t channels, void *to) {
  const int32_t *from = table;
  __m512i vectors[4];
  UNROLL for (int v = 0; v < 4; v++) {
    const int at = channels <= 32 ? v % 2 : v;
    const int32_t left = channels - at * 16;
    vectors[v] = _mm512_setzero_si512();
    if (from != 0 && left > 0) {
      const __mmask16 there = (__mmask16)(left >= 16 ? 0xffff : (1 << left) - 1);
      vectors[v] = _mm512_maskz_loadu_epi32(there, from + at * 16);
    }
  }
  deal_lanes(vectors, to);
}

/* Whether outputs have to be clamped. Where they may have all values of their type, and no multiplier is 1 or
   more, packs do it: products are integers of 32 bits then. */
ALWAYS_INLINE int panel_clamps(const int is_signed, const struct column_panel *panel, float high,
                               int32_t zero_point, int32_t lowest) {
  int below = 1;
  UNROLL for (int v = 0; v < 4; v++) {
    below &= multipliers_below_1(_mm512_loadu_ps(panel->multipliers + v * 16));
  }
  return !below || !takes_all(is_signed, high, zero_point, lowest);
}

struct column {
  __m512i vectors[4];
};

/* Four rows of up to 64 channels. */
ALWAYS_INLINE struct column interleaved(const __m512i *row) {
  const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]);
  const __m512i high01 = _mm512_unpackhi_epi8(row[0], row[1]);
  const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]);
  const __m512i high23 = _mm512_unpackhi_epi8(row[2], row[3]);
  const struct column column = {{_mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
                                 _mm512_unpacklo_epi16(high01, high23),
                                 _mm512_unpackhi_epi16(high01, high23)}};
  return column;
}

/* How the pixels of a vector lie. */
enum {
  /* One of up to 64 channels, or padding. */
  WIDE,
  /* Two of up to 32, both inside of the image. */
  NARROW,
  /* Two of 32, one behind the other, both inside of the image. */
  DENSE,
  /* Two of up to 32, or padding. */
  EDGE
};

/* What columns of a line are made of. */
struct column_source {
  const uint8_t *rows[4];
  /* 0 of a row outside the image. */
  __mmask64 there[4];
  __m512i padding;
  __m512i flips;
  int64_t pixel;
  int64_t width;
};

ALWAYS_INLINE struct column_source column_source_of(const struct column_lines *l, const int form) {
  struct column_source s = {.padding = _mm512_set1_epi8((char)l->padding),
                            .flips = _mm512_set1_epi8((char)l->flip),
                            .pixel = l->pixel,
                            .width = l->width};
  UNROLL for (int i = 0; i < 4; i++) {
    s.rows[i] = l->rows[i];
    s.there[i] = !l->inside[i] ? 0 : form == DENSE ? ~(__mmask64)0 : ~(__mmask64)0 >> (64 - l->channels);
  }
  return s;
}

/* Up to 32 channels of a pixel, or of padding. */
ALWAYS_INLINE __m256i half_at(const struct column_source *s, int row, int64_t at) {
  const __m256i padding = _mm512_castsi512_si256(s->padding);
  return (uint64_t)at < (uint64_t)s->width
             ? _mm256_mask_loadu_epi8(padding, (__mmask32)s->there[row], s->rows[row] + at * s->pixel)
             : padding;
}

/* Column at of the image; of two, the other one is apart from it. Of three rows, the third one stands for a
   fourth, whose weights are 0. */
ALWAYS_INLINE struct column column_at(const struct column_source *s, const int form, const int rows,
                                      const int flips, const int apart, int64_t at) {
  const int64_t offset = at * s->pixel;
  const __m256i half = _mm512_castsi512_si256(s->padding);
  __m512i row[4];
  if (form == WIDE && (uint64_t)at >= (uint64_t)s->width) {
    const __m512i padding = flips ? _mm512_xor_si512(s->padding, s->flips) : s->padding;
    const struct column column = {{padding, padding, padding, padding}};
    return column;
  }
  UNROLL for (int i = 0; i < rows; i++) {
    if (form == WIDE) {
      row[i] = _mm512_mask_loadu_epi8(s->padding, s->there[i], s->rows[i] + offset);
    } else if (form == DENSE) {
      row[i] = _mm512_mask_loadu_epi8(s->padding, s->there[i], s->rows[i] + offset);
    } else if (form == NARROW) {
      const __mmask32 there = (__mmask32)s->there[i];
      row[i] =
          _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_mask_loadu_epi8(half, there, s->rows[i] + offset)),
                             _mm256_mask_loadu_epi8(half, there, s->rows[i] + offset + apart * s->pixel), 1);
    } else {
      row[i] = _mm512_inserti64x4(_mm512_castsi256_si512(half_at(s, i, at)), half_at(s, i, at + apart), 1);
    }
    if (flips) {
      row[i] = _mm512_xor_si512(row[i], s->flips);
    }
  }
  if (rows == 3) {
    row[3] = row[2];
  }
  return interleaved(row);
}

/* The second pixels of one and the first ones of another. */
ALWAYS_INLINE struct column between(const struct column *one, const struct column *other) {
  struct column column;
  UNROLL for (int v = 0; v < 4; v++) {
    column.vectors[v] = _mm512_shuffle_i64x2(one->vectors[v], other->vectors[v], 0x4e);
  }
  return column;
}

/* Outputs of a line, four vectors. */
ALWAYS_INLINE __m512i column_bytes(const int is_signed, const int clamps, const struct column_lines *l,
                                   int line, const struct column *window, const __m512i *start,
                                   const __m512 *multipliers) {
  const struct column_panel *panel = l->panel;
  const __m512 high = _mm512_set1_ps(l->high);
  __m512i rounded[4];
  UNROLL for (int v = 0; v < 4; v++) {
    __m512i sums = start[v];
    UNROLL for (int kx = 0; kx < SLIDE_WIDTH; kx++) {
      sums = _mm512_dpbusd_epi32(sums, window[kx].vectors[v],
                                 _mm512_loadu_si512(panel->weights[line][kx] + v * 64));
    }
    const __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), multipliers[v]);
    /* NaN passes, and is the least integer then: the lower bound. */
    rounded[v] = _mm512_cvtps_epi32(clamps ? _mm512_min_ps(high, t) : t);
  }
  const __m512i zero_point = _mm512_set1_epi16((int16_t)l->zero_point);
  const __m512i lowest = _mm512_set1_epi8((char)l->lowest);
  return clamps ? to_bytes(is_signed, rounded, zero_point, lowest)
                : to_any_bytes(is_signed, rounded, zero_point);
}

ALWAYS_INLINE void slide_columns(const int is_signed, const int general, const int lines, const int stride,
                                 const int form, const struct column_lines *from) {
  const int narrow = form != WIDE;
  const int flips = general || is_signed;
  const int rows = stride == 2 ? 3 : 4;
  /* A copy: what is written might be what it was read from. */
  struct column_lines l = *from;
  const int together = narrow ? 2 : 1;
  const __mmask64 there = ~(__mmask64)0 >> (64 - l.channels);
  const struct column_source s = column_source_of(from, form);
  int64_t at = l.left;
  __m512i start[4];
  __m512 multipliers[4];
  UNROLL for (int v = 0; v < 4; v++) {
    start[v] = _mm512_loadu_si512(l.panel->start + v * 16);
    multipliers[v] = _mm512_loadu_ps(l.panel->multipliers + v * 16);
  }
  struct column window[SLIDE_WIDTH];
  window[0] = column_at(&s, form, rows, flips, stride, at);
  if (!narrow && stride == 1) {
    window[1] = column_at(&s, form, rows, flips, stride, at + 1);
  }
  for (int32_t i = 0; i < l.outputs; i += together) {
    struct column next;
    if (narrow) {
      next = column_at(&s, form, rows, flips, stride, at + 2 * stride);
      const struct column middle = between(&window[0], &next);
      window[1] = stride == 1 ? middle : column_at(&s, form, rows, flips, stride, at + 1);
      window[2] = stride == 1 ? next : middle;
    } else {
      if (stride == 2) {
        window[1] = column_at(&s, form, rows, flips, stride, at + 1);
      }
      window[2] = column_at(&s, form, rows, flips, stride, at + 2);
      next = stride == 1 ? window[1] : window[2];
    }
    /* Or weights are loaded before the loop, and columns pushed out of registers for them. */
    __asm__("" : "+r"(l.panel));
    UNROLL for (int line = 0; line < lines; line++) {
      const __m512i bytes = column_bytes(is_signed, general, &l, line, window, start, multipliers);
      uint8_t *dst = l.dst + line * l.dst_line;
      if (narrow) {
        _mm256_mask_storeu_epi8(dst, (__mmask32)there, _mm512_castsi512_si256(bytes));
        if (i + 1 < l.outputs) {
          _mm256_mask_storeu_epi8(dst + l.dst_stride, (__mmask32)there, _mm512_extracti64x4_epi64(bytes, 1));
        }
      } else {
        _mm512_mask_storeu_epi8(dst, there, bytes);
      }
    }
    l.dst += together * l.dst_stride;
    at += together * stride;
    window[0] = next;
    if (!narrow && stride == 1) {
      window[1] = window[2];
    }
  }
}

#define SLIDE_COLUMNS(name, general, lines, stride, form)                            \
  static __attribute__((noinline)) void u8_##name(const struct column_lines *from) { \
    slide_columns(0, general, lines, stride, form, from);                            \
  }                                                                                  \
  static __attribute__((noinline)) void s8_##name(const struct column_lines *from) { \
    slide_columns(1, general, lines, stride, form, from);                            \
  }
#define SLIDE_FORM(form, general, suffix)                      \
  SLIDE_COLUMNS(form##_line_by_1##suffix, general, 1, 1, form) \
  SLIDE_COLUMNS(form##_line_by_2##suffix, general, 1, 2, form) \
  SLIDE_COLUMNS(form##_two_lines##suffix, general, 2, 1, form)
SLIDE_FORM(WIDE, 0, )
SLIDE_FORM(WIDE, 1, _general)
SLIDE_FORM(NARROW, 0, )
SLIDE_FORM(NARROW, 1, _general)
SLIDE_FORM(EDGE, 1, _general)
SLIDE_COLUMNS(DENSE_line, 0, 1, 1, DENSE)
SLIDE_COLUMNS(DENSE_line_general, 1, 1, 1, DENSE)
SLIDE_COLUMNS(DENSE_lines, 0, 2, 1, DENSE)
SLIDE_COLUMNS(DENSE_lines_general, 1, 2, 1, DENSE)

typedef void slide_function(const struct column_lines *from);

#define SLIDES_OF(type, form, suffix) \
  { type##_##form##_line_by_1##suffix, type##_##form##_line_by_2##suffix, type##_##form##_two_lines##suffix }
#define SLIDES(type, suffix)                                                                      \
  {                                                                                               \
    SLIDES_OF(type, WIDE, suffix), SLIDES_OF(type, NARROW, suffix),                               \
        {type##_DENSE_line##suffix, type##_NARROW_line_by_2##suffix, type##_DENSE_lines##suffix}, \
        SLIDES_OF(type, EDGE, _general)                                                           \
  }

/* By the sign of outputs, whether they are clamped or bytes of the other sign are read, form, and a line by
 * stride 1 or 2 or two lines by 1. */
static slide_function *const SLIDE_FUNCTIONS[2][2][4][3] = {{SLIDES(u8, ), SLIDES(u8, _general)},
                                                            {SLIDES(s8, ), SLIDES(s8, _general)}};

/* Some outputs of lines, and on to those behind them. */
ALWAYS_INLINE void slide_some(slide_function *function, int32_t outputs, int32_t stride,
                              struct column_lines *l) {
  l->outputs = outputs;
  if (outputs > 0) {
    function(l);
  }
  l->left += (int64_t)outputs * stride;
  l->dst += outputs * l->dst_stride;
}

ALWAYS_INLINE void slide_columns_to_bytes(const int is_signed, int32_t lines, int32_t stride,
                                          const struct column_lines *from) {
  const int general = from->panel->clamps || (from->flip != 0) != is_signed;
  slide_function *const(*functions)[3] = SLIDE_FUNCTIONS[is_signed][general];
  const int which = lines == 2 ? 2 : stride - 1;
  if (from->channels > 32) {
    functions[WIDE][which](from);
    return;
  }
  /* Pairs of outputs that see columns inside of the image alone, four strides of them, and those before. */
  struct column_lines l = *from;
  const int32_t outputs = l.outputs;
  const int64_t before = l.left >= 0 ? 0 : (-l.left + 2 * stride - 1) / (2 * stride) * 2;
  const int32_t first = before < outputs ? (int32_t)before : outputs;
  const int64_t room = l.width - l.left - (int64_t)first * stride;
  const int64_t pairs = room < 4 * stride ? 0 : (room - 2 * stride) / (2 * stride) * 2;
  const int32_t middle = pairs < outputs - first ? (int32_t)pairs : outputs - first;
  const int dense = l.channels == 32 && l.pixel == 32;
  slide_some(functions[EDGE][which], first, stride, &l);
  slide_some(functions[dense ? DENSE : NARROW][which], middle, stride, &l);
  slide_some(functions[EDGE][which], outputs - first - middle, stride, &l);
}
