/* Template of the requantize kernels, over the names of a vector__*.h: S32 and a bias to 8 bits. */

INLINE void requantize_block(const struct octet_requantize *plan, const char *src, char *dst, int64_t i,
                             int64_t n, const float *multipliers, const int32_t *bias, int is_signed,
                             int per_element) {
  ints q[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    const int64_t rest = n - v * LANES;
    const int64_t at = i + v * LANES;
    const reals m =
        per_element ? load_reals((const char *)(multipliers + at), rest) : all_reals(*multipliers);
    const ints b = per_element ? load_ints((const char *)(bias + at), rest) : all_ints(*bias);
    const reals t = multiply(to_reals(add_ints(load_ints(src + 4 * at, rest), b)), m);
    q[v] = round_to_ints(lesser(greater(t, all_reals(plan->low)), all_reals(plan->high)));
  }
  const ints zero_point = all_ints(plan->zero_point);
  const bytes z = to_words(zero_point, zero_point);
  const bytes low = add_words(to_words(q[0], q[1]), z);
  const bytes high = add_words(to_words(q[2], q[3]), z);
  store_bytes(dst + i, is_signed ? narrow_signed(low, high) : narrow_unsigned(low, high), n);
}

INLINE void requantize(const struct octet_requantize *given, const void *src, void *dst, int64_t count,
                       const float *multipliers, const int32_t *bias, int is_signed, int per_element) {
  /* A copy, which no store to dst can change. */
  const struct octet_requantize plan = *given;
  const float multiplier = *multipliers;
  const int32_t one_bias = *bias;
  int64_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK) {
    requantize_block(&plan, src, dst, i, BLOCK, per_element ? multipliers : &multiplier,
                     per_element ? bias : &one_bias, is_signed, per_element);
  }
  if (i < count) {
    requantize_block(&plan, src, dst, i, count - i, per_element ? multipliers : &multiplier,
                     per_element ? bias : &one_bias, is_signed, per_element);
  }
}

#define REQUANTIZE(name, is_signed, per_element)                                                    \
  void KERNEL(name)(const struct octet_requantize *plan, const void *src, void *dst, int64_t count, \
                    const float *multipliers, const int32_t *bias) {                                \
    requantize(plan, src, dst, count, multipliers, bias, is_signed, per_element);                   \
  }

REQUANTIZE(octet_s32_u8_pt_requantize, 0, 0)
REQUANTIZE(octet_s32_s8_pt_requantize, 1, 0)
REQUANTIZE(octet_s32_u8_pc_requantize, 0, 1)
REQUANTIZE(octet_s32_s8_pc_requantize, 1, 1)
