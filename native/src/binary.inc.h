/* Template of the binary kernels, over the names of a vector__*.h. Each op has a function from four vectors
   of operands to four of results that may lie below the range; BINARY makes its kernels. Loads come before
   the store of their block: dst may be an operand. An operand that is the same for a whole row is repeated in
   a block of memory, so that the loops know one kind of operand. */

typedef ints lanes_function(const struct octet_binary *plan, ints a, ints b);

/* A NaN stays and becomes the least integer, as it should; so does what is too small. */
INLINE ints round_down_from(const struct octet_binary *plan, reals t) {
  return round_to_ints(lesser(all_reals((float)plan->high), t));
}

INLINE ints add_lanes(const struct octet_binary *plan, ints a, ints b) {
  const reals sum = multiply_add(all_reals(plan->right_factor), to_reals(b), all_reals(plan->fixed));
  return round_down_from(plan, multiply_add(all_reals(plan->left_factor), to_reals(a), sum));
}

INLINE reals centred(ints q, int32_t zero_point) {
  return to_reals(subtract_ints(q, all_ints(zero_point)));
}

/* The product of the integers is exact: it has 17 bits. */
INLINE ints multiply_lanes(const struct octet_binary *plan, ints a, ints b) {
  const reals product = multiply(centred(a, plan->left_zero_point), centred(b, plan->right_zero_point));
  const reals scaled = multiply(product, all_reals(plan->left_factor));
  return round_down_from(plan, add_reals(scaled, all_reals(plan->fixed)));
}

INLINE reals left_real(const struct octet_binary *plan, ints a) {
  return multiply(centred(a, plan->left_zero_point), all_reals(plan->left_factor));
}

INLINE reals right_real(const struct octet_binary *plan, ints b) {
  return multiply(centred(b, plan->right_zero_point), all_reals(plan->right_factor));
}

INLINE ints quantize_lanes(const struct octet_binary *plan, reals x) {
  const reals t = divide(x, all_reals(plan->divisor));
  const reals low = all_reals((float)(plan->low - plan->zero_point));
  const reals high = all_reals((float)(plan->high - plan->zero_point));
  return add_ints(round_to_ints(lesser(greater(t, low), high)), all_ints(plan->zero_point));
}

INLINE ints maximum_lanes(const struct octet_binary *plan, ints a, ints b) {
  return quantize_lanes(plan, greater(left_real(plan, a), right_real(plan, b)));
}

/* NaN, of 0 by 0, is replaced by the lower bound. */
INLINE wides divide_wides_of(const struct octet_binary *plan, wides a, wides b) {
  const wides x = multiply_wides(a, all_wides((double)plan->left_factor));
  const wides y = multiply_wides(b, all_wides((double)plan->right_factor));
  const wides t = divide_wides(divide_wides(x, y), all_wides((double)plan->divisor));
  const wides low = all_wides((double)(plan->low - plan->zero_point));
  return lesser_wides(greater_wides(t, low), all_wides((double)(plan->high - plan->zero_point)));
}

INLINE ints divide_lanes(const struct octet_binary *plan, ints a, ints b) {
  const ints x = subtract_ints(a, all_ints(plan->left_zero_point));
  const ints y = subtract_ints(b, all_ints(plan->right_zero_point));
  const wides low = divide_wides_of(plan, low_wides(x), low_wides(y));
  const wides high = divide_wides_of(plan, high_wides(x), high_wides(y));
  return add_ints(round_wides(low, high), all_ints(plan->zero_point));
}

INLINE void binary_block(lanes_function *op, const struct octet_binary *plan, const char *left,
                         const char *right, char *dst, int64_t n, int is_signed) {
  ints q[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    const int64_t rest = n - v * LANES;
    const int64_t at = v * LANES;
    const ints a = is_signed ? load_signed(left + at, rest) : load_unsigned(left + at, rest);
    const ints b = is_signed ? load_signed(right + at, rest) : load_unsigned(right + at, rest);
    q[v] = op(plan, a, b);
  }
  const bytes low = to_words(q[0], q[1]);
  const bytes high = to_words(q[2], q[3]);
  const bytes y = is_signed ? greatest_signed(narrow_signed(low, high), all_bytes(plan->low))
                            : greatest_unsigned(narrow_unsigned(low, high), all_bytes(plan->low));
  store_bytes(dst, y, n);
}

INLINE void binary(lanes_function *op, const struct octet_binary *given, const char *left, int64_t left_row,
                   int64_t left_step, const char *right, int64_t right_row, int64_t right_step, char *dst,
                   int64_t rows, int64_t columns, int is_signed) {
  /* A copy, which no store to dst can change. */
  const struct octet_binary plan = *given;
  char repeated[2][BLOCK];
  for (int64_t row = 0; row < rows && columns > 0; row++) {
    const char *a = left + row * left_row;
    const char *b = right + row * right_row;
    if (left_step == 0) {
      a = store_block(repeated[0], all_bytes(*a));
    }
    if (right_step == 0) {
      b = store_block(repeated[1], all_bytes(*b));
    }
    int64_t i = 0;
    for (; i + BLOCK <= columns; i += BLOCK) {
      binary_block(op, &plan, a + i * left_step, b + i * right_step, dst + i, BLOCK, is_signed);
    }
    if (i < columns) {
      binary_block(op, &plan, a + i * left_step, b + i * right_step, dst + i, columns - i, is_signed);
    }
    dst += columns;
  }
}

#define BINARY_OF(name, op, is_signed)                                                                      \
  void KERNEL(name)(const struct octet_binary *plan, const void *left, int64_t left_row, int64_t left_step, \
                    const void *right, int64_t right_row, int64_t right_step, void *dst, int64_t rows,      \
                    int64_t columns) {                                                                      \
    binary(op, plan, left, left_row, left_step, right, right_row, right_step, dst, rows, columns,           \
           is_signed);                                                                                      \
  }

#define BINARY(op)                                \
  BINARY_OF(octet_u8u8_u8_pt_##op, op##_lanes, 0) \
  BINARY_OF(octet_s8s8_s8_pt_##op, op##_lanes, 1)

BINARY(add)
BINARY(multiply)
BINARY(maximum)
BINARY(divide)
