/* Template of the softmax kernels, over the names of a vector__*.h. Three passes over a row that stays in a
   cache: the largest, the exponentials with their sum, the quotients. */

INLINE reals scores(const char *src, const char *mask, reals scale, int64_t i, int64_t count) {
  const reals x = multiply(load_reals(src + 4 * i, count), scale);
  return mask == 0 ? x : add_reals(x, load_reals(mask + 4 * i, count));
}

INLINE float largest_score(const char *src, const char *mask, reals scale, int64_t columns) {
  const reals lowest = all_reals(-__builtin_inff());
  reals most[4] = {lowest, lowest, lowest, lowest};
  int64_t i = 0;
  for (; i + BLOCK <= columns; i += BLOCK) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++) {
      most[v] = greater(scores(src, mask, scale, i + v * LANES, LANES), most[v]);
    }
  }
  for (; i < columns; i += LANES) {
    const reals x = scores(src, mask, scale, i, columns - i);
    most[0] = greater(first_reals(x, lowest, columns - i), most[0]);
  }
  return greatest_lane(greater(greater(most[0], most[1]), greater(most[2], most[3])));
}

/* A row of scores, and where its exponentials go. */
struct softmax_row {
  const char *src;
  const char *mask;
  char *dst;
  reals scale;
  reals most;
};

INLINE void exponentials_block(const struct softmax_row *row, int64_t i, int64_t n, reals sums[SUM_VECTORS]) {
  reals e[SUM_VECTORS];
#pragma GCC unroll 8
  for (int v = 0; v < SUM_VECTORS; v++) {
    const reals x = scores(row->src, row->mask, row->scale, i + v * LANES, n - v * LANES);
    /* NaN stays. */
    e[v] = greater(all_reals(-88), subtract_reals(x, row->most));
  }
  exponentials_of(SUM_VECTORS, e);
#pragma GCC unroll 8
  for (int v = 0; v < SUM_VECTORS; v++) {
    const int64_t rest = n - v * LANES;
    store_reals(row->dst + 4 * (i + v * LANES), e[v], rest);
    sums[v] = add_reals(sums[v], first_reals(e[v], all_reals(0), rest));
  }
}

INLINE float exponentials(const struct softmax_row *row, int64_t columns) {
  reals sums[SUM_VECTORS];
  clear_sums(sums);
  int64_t i = 0;
  for (; i + SUMS <= columns; i += SUMS) {
    exponentials_block(row, i, SUMS, sums);
  }
  if (i < columns) {
    exponentials_block(row, i, columns - i, sums);
  }
  return total(sums);
}

INLINE void multiply_row(char *dst, float factor, int64_t columns) {
  const reals factors = all_reals(factor);
  int64_t i = 0;
  for (; i + BLOCK <= columns; i += BLOCK) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++) {
      char *at = dst + 4 * (i + v * LANES);
      store_reals(at, multiply(load_reals(at, LANES), factors), LANES);
    }
  }
  for (; i < columns; i += LANES) {
    store_reals(dst + 4 * i, multiply(load_reals(dst + 4 * i, columns - i), factors), columns - i);
  }
}

void KERNEL(octet_f32_f32_pt_softmax)(float scale, const void *src, const void *mask, void *dst, int64_t rows,
                                      int64_t columns) {
  const reals scales = all_reals(scale);
  const int64_t together = rows_together(columns);
  for (int64_t done = 0; done < rows; done += together) {
    const int64_t count = rows - done < together ? rows - done : together;
    const char *from = (const char *)src + 4 * done * columns;
    char *to = (char *)dst + 4 * done * columns;
    float of_row[MOST_TOGETHER];
    for (int64_t row = 0; row < count; row++) {
      of_row[row] = largest_score(from + 4 * row * columns, mask, scales, columns);
    }
    for (int64_t row = 0; row < count; row++) {
      const struct softmax_row of = {from + 4 * row * columns, mask, to + 4 * row * columns, scales,
                                     all_reals(of_row[row])};
      of_row[row] = 1 / exponentials(&of, columns);
    }
    for (int64_t row = 0; row < count; row++) {
      multiply_row(to + 4 * row * columns, of_row[row], columns);
    }
  }
}
