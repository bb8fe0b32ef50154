/* Template of the layer norm kernels, over the names of a vector__*.h. Three passes over a row that stays in
   a first cache: the sum, the sum of squares, the result. */

INLINE reals sum_of_operands(const char *src, const char *residual, int64_t i, int64_t count) {
  const reals x = load_reals(src + 4 * i, count);
  return residual == 0 ? x : add_reals(x, load_reals(residual + 4 * i, count));
}

INLINE void add_block(const char *src, const char *residual, int64_t i, int64_t n, reals sums[SUM_VECTORS]) {
#pragma GCC unroll 8
  for (int v = 0; v < SUM_VECTORS; v++) {
    /* Lanes that are not there are 0. */
    sums[v] = add_reals(sums[v], sum_of_operands(src, residual, i + v * LANES, n - v * LANES));
  }
}

INLINE float row_sum(const char *src, const char *residual, int64_t columns) {
  reals sums[SUM_VECTORS];
  clear_sums(sums);
  int64_t i = 0;
  for (; i + SUMS <= columns; i += SUMS) {
    add_block(src, residual, i, SUMS, sums);
  }
  if (i < columns) {
    add_block(src, residual, i, columns - i, sums);
  }
  return total(sums);
}

INLINE void add_squares(const char *src, const char *residual, reals mean, int64_t i, int64_t n,
                        reals sums[SUM_VECTORS]) {
#pragma GCC unroll 8
  for (int v = 0; v < SUM_VECTORS; v++) {
    const int64_t rest = n - v * LANES;
    const reals all = subtract_reals(sum_of_operands(src, residual, i + v * LANES, rest), mean);
    const reals x = first_reals(all, all_reals(0), rest);
    sums[v] = multiply_add(x, x, sums[v]);
  }
}

INLINE float sum_of_squares(const char *src, const char *residual, float mean, int64_t columns) {
  reals sums[SUM_VECTORS];
  clear_sums(sums);
  int64_t i = 0;
  for (; i + SUMS <= columns; i += SUMS) {
    add_squares(src, residual, all_reals(mean), i, SUMS, sums);
  }
  if (i < columns) {
    add_squares(src, residual, all_reals(mean), i, columns - i, sums);
  }
  return total(sums);
}

INLINE void normalize(const struct octet_layer_norm *plan, const char *src, const char *residual, char *dst,
                      float mean, float factor) {
  const reals means = all_reals(mean);
  const reals factors = all_reals(factor);
  for (int64_t i = 0; i < plan->columns; i += LANES) {
    const int64_t count = plan->columns - i;
    const reals x = subtract_reals(sum_of_operands(src, residual, i, count), means);
    const reals weights = load_reals((const char *)(plan->weights + i), count);
    const reals bias = load_reals((const char *)(plan->bias + i), count);
    store_reals(dst + 4 * i, multiply_add(multiply(x, factors), weights, bias), count);
  }
}

/* A row of an operand that may be NULL. */
INLINE const char *row_of(const char *operand, int64_t row, int64_t row_bytes) {
  return operand == 0 ? 0 : operand + row * row_bytes;
}

void KERNEL(octet_f32_f32_pc_layer_norm)(const struct octet_layer_norm *plan, const void *src,
                                         const void *residual, void *dst, int64_t rows) {
  const int64_t row_bytes = 4 * plan->columns;
  const float columns = (float)plan->columns;
  const int64_t together = rows_together(plan->columns);
  for (int64_t done = 0; done < rows; done += together) {
    const int64_t count = rows - done < together ? rows - done : together;
    const char *from = (const char *)src + done * row_bytes;
    const char *other = residual == 0 ? 0 : (const char *)residual + done * row_bytes;
    char *to = (char *)dst + done * row_bytes;
    float means[MOST_TOGETHER];
    float factors[MOST_TOGETHER];
    for (int64_t row = 0; row < count; row++) {
      means[row] = row_sum(from + row * row_bytes, row_of(other, row, row_bytes), plan->columns) / columns;
    }
    for (int64_t row = 0; row < count; row++) {
      const float squares =
          sum_of_squares(from + row * row_bytes, row_of(other, row, row_bytes), means[row], plan->columns);
      factors[row] = 1 / __builtin_sqrtf(squares / columns + plan->epsilon);
    }
    for (int64_t row = 0; row < count; row++) {
      normalize(plan, from + row * row_bytes, row_of(other, row, row_bytes), to + row * row_bytes, means[row],
                factors[row]);
    }
  }
}
