/* Blocks of channels of the pooling kernels, over the names of a vector__*.h: channels across lanes. */

INLINE void max_block(const struct pool_taps *taps, int is_signed, char *dst, int64_t n) {
  bytes most = all_bytes(is_signed ? -128 : 0);
  for (int64_t row = 0; row < taps->rows; row++) {
    const char *x = taps->first + row * taps->row_step;
    for (int64_t column = 0; column < taps->columns; column++) {
      const bytes q = load_bytes(x, n);
      most = is_signed ? greatest_signed(most, q) : greatest_unsigned(most, q);
      x += taps->column_step;
    }
  }
  store_bytes(dst, most, n);
}

/* Sums of 16 bits hold this many bytes. */
enum { WORD_TAPS = 256 };

struct word_sums {
  bytes low;
  bytes high;
};

/* Adds sums of 16 bits to those of 32. */
INLINE struct word_sums spill(struct word_sums words, ints sums[4]) {
  sums[0] = add_ints(sums[0], low_ints(words.low));
  sums[1] = add_ints(sums[1], high_ints(words.low));
  sums[2] = add_ints(sums[2], low_ints(words.high));
  sums[3] = add_ints(sums[3], high_ints(words.high));
  return (struct word_sums){all_bytes(0), all_bytes(0)};
}

INLINE void average_block(const struct pool_taps *taps, int is_signed, const struct pool_mean *mean,
                          char *dst, int64_t n) {
  ints sums[4] = {all_ints(0), all_ints(0), all_ints(0), all_ints(0)};
  struct word_sums words = {all_bytes(0), all_bytes(0)};
  const bytes flip = all_bytes(is_signed ? -128 : 0);
  int64_t space = WORD_TAPS;
  for (int64_t row = 0; row < taps->rows; row++) {
    const char *x = taps->first + row * taps->row_step;
    for (int64_t column = 0; column < taps->columns;) {
      const int64_t rest = taps->columns - column;
      const int64_t run = rest < space ? rest : space;
      for (int64_t i = 0; i < run; i++) {
        const bytes u = flip_bits(load_bytes(x, n), flip);
        words.low = add_words_modulo(words.low, low_words(u));
        words.high = add_words_modulo(words.high, high_words(u));
        x += taps->column_step;
      }
      column += run;
      space -= run;
      if (space == 0) {
        words = spill(words, sums);
        space = WORD_TAPS;
      }
    }
  }
  spill(words, sums);
  const ints offset = all_ints((int32_t)mean->offset);
  ints q[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    const reals t = multiply(to_reals(subtract_ints(sums[v], offset)), all_reals(mean->multiplier));
    q[v] = round_to_ints(lesser(greater(t, all_reals(mean->low)), all_reals(mean->high)));
  }
  const ints zero_point = all_ints(mean->zero_point);
  const bytes z = to_words(zero_point, zero_point);
  const bytes low = add_words(to_words(q[0], q[1]), z);
  const bytes high = add_words(to_words(q[2], q[3]), z);
  /* Packing takes lanes in the order that low_words and low_ints have left them in. */
  store_bytes(dst, is_signed ? pack_signed(low, high) : pack_unsigned(low, high), n);
}
