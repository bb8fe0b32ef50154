/* Template of the add kernels, over the names of a vector__*.h. Loads come before the store of their block:
   dst may be an operand. */

INLINE void add_block(const struct octet_add *plan, const char *left, const char *right, char *dst, int64_t n,
                      int is_signed) {
  ints q[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    const int64_t rest = n - v * LANES;
    const int64_t at = v * LANES;
    const ints a = is_signed ? load_signed(left + at, rest) : load_unsigned(left + at, rest);
    const ints b = is_signed ? load_signed(right + at, rest) : load_unsigned(right + at, rest);
    const reals sum = multiply_add(all_reals(plan->right_factor), to_reals(b), all_reals(plan->fixed));
    const reals t = multiply_add(all_reals(plan->left_factor), to_reals(a), sum);
    /* A NaN stays and becomes the least integer, as it should; so does what is too small. */
    q[v] = round_to_ints(lesser(all_reals((float)plan->high), t));
  }
  const bytes low = to_words(q[0], q[1]);
  const bytes high = to_words(q[2], q[3]);
  const bytes y = is_signed ? greatest_signed(narrow_signed(low, high), all_bytes(plan->low))
                            : greatest_unsigned(narrow_unsigned(low, high), all_bytes(plan->low));
  store_bytes(dst, y, n);
}

INLINE void add(const struct octet_add *given, const char *left, const char *right, char *dst, int64_t count,
                int is_signed) {
  /* A copy, which no store to dst can change. */
  const struct octet_add plan = *given;
  int64_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK) {
    add_block(&plan, left + i, right + i, dst + i, BLOCK, is_signed);
  }
  if (i < count) {
    add_block(&plan, left + i, right + i, dst + i, count - i, is_signed);
  }
}

void KERNEL(octet_u8u8_u8_pt_add)(const struct octet_add *plan, const void *left, const void *right,
                                  void *dst, int64_t count) {
  add(plan, left, right, dst, count, 0);
}

void KERNEL(octet_s8s8_s8_pt_add)(const struct octet_add *plan, const void *left, const void *right,
                                  void *dst, int64_t count) {
  add(plan, left, right, dst, count, 1);
}
