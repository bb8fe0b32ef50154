/* Template of the quantize kernels, over the names of a vector__*.h: F32 to integers of 8 bits, or to those
   of 4 bits in bytes.

   x / s without a division: q = x * r, q + (x - q * s) * r with r = 1 / s, the last two fused. Near a tie of
   rint, where alone the last bit matters, that is x / s itself for every s (quantize_test.c goes through all
   of them), as long as nothing over- or underflows: reciprocals are given only for scales where that holds.
   An x beyond the range ends at the limit, at infinity or at NaN; the last and all that is too small become
   INT32_MIN, which is the smallest integer of the type after saturation, as it should be for NaN too. */

/* Beyond every integer that does not saturate whatever the zero point is, and far from the limits of 16 bits.
 */
static const float QUANTIZE_LIMIT = 1024;

INLINE reals quotient(reals x, reals scale, reals reciprocal, int true_division) {
  const reals limit = all_reals(QUANTIZE_LIMIT);
  if (true_division) {
    return lesser(limit, divide(x, scale));
  }
  const reals near = lesser(limit, multiply(x, reciprocal));
  return lesser(limit, multiply_add(multiply_subtract(near, scale, x), reciprocal, near));
}

INLINE bytes quantize_narrow(bytes low, bytes high, int32_t type) {
  switch (type) {
    case OCTET_U8:
      return narrow_unsigned(low, high);
    case OCTET_S8:
      return narrow_signed(low, high);
    case OCTET_U4:
      return least_unsigned(narrow_unsigned(low, high), all_bytes(15));
    default:
      return least_signed(greatest_signed(narrow_signed(low, high), all_bytes(-8)), all_bytes(7));
  }
}

/* The parameters of 4 vectors, where all elements share them loaded once. */
struct quantize_parameters {
  const float *scales;
  const float *reciprocals;
  const int32_t *zero_points;
  reals scale;
  reals reciprocal;
  ints zero_point;
};

INLINE void quantize_block(const char *src, char *dst, const struct quantize_parameters *p, int64_t i,
                           int64_t n, int32_t type, int per_element, int true_division) {
  ints q[4];
  ints z[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    const int64_t rest = n - v * LANES;
    const int64_t at = i + v * LANES;
    const reals x = load_reals(src + 4 * at, rest);
    const reals scale = per_element ? load_reals((const char *)(p->scales + at), rest) : p->scale;
    const reals reciprocal = true_division ? scale
                             : per_element ? load_reals((const char *)(p->reciprocals + at), rest)
                                           : p->reciprocal;
    z[v] = per_element ? load_ints((const char *)(p->zero_points + at), rest) : p->zero_point;
    q[v] = round_to_ints(quotient(x, scale, reciprocal, true_division));
  }
  const bytes low = add_words(to_words(q[0], q[1]), to_words(z[0], z[1]));
  const bytes high = add_words(to_words(q[2], q[3]), to_words(z[2], z[3]));
  store_bytes(dst + i, quantize_narrow(low, high, type), n);
}

INLINE void quantize_all(const char *src, char *dst, int64_t count, const struct quantize_parameters *p,
                         int32_t type, int per_element, int true_division) {
  int64_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK) {
    quantize_block(src, dst, p, i, BLOCK, type, per_element, true_division);
  }
  if (i < count) {
    quantize_block(src, dst, p, i, count - i, type, per_element, true_division);
  }
}

INLINE void quantize(const void *src, void *dst, int64_t count, const float *scales, const float *reciprocals,
                     const int32_t *zero_points, int32_t type, int per_element) {
  struct quantize_parameters p = {scales, reciprocals, zero_points, all_reals(0), all_reals(0), all_ints(0)};
  if (!per_element) {
    p.scale = all_reals(*scales);
    p.reciprocal = all_reals(reciprocals == 0 ? 0 : *reciprocals);
    p.zero_point = all_ints(*zero_points);
  }
  if (reciprocals == 0) {
    quantize_all(src, dst, count, &p, type, per_element, 1);
  } else {
    quantize_all(src, dst, count, &p, type, per_element, 0);
  }
}

#define QUANTIZE(name, type, per_element)                                           \
  void KERNEL(name)(const void *src, void *dst, int64_t count, const float *scales, \
                    const float *reciprocals, const int32_t *zero_points) {         \
    quantize(src, dst, count, scales, reciprocals, zero_points, type, per_element); \
  }

QUANTIZE(octet_f32_u8_pt_quantize, OCTET_U8, 0)
QUANTIZE(octet_f32_s8_pt_quantize, OCTET_S8, 0)
QUANTIZE(octet_f32_u4_pt_quantize, OCTET_U4, 0)
QUANTIZE(octet_f32_s4_pt_quantize, OCTET_S4, 0)
QUANTIZE(octet_f32_u8_pc_quantize, OCTET_U8, 1)
QUANTIZE(octet_f32_s8_pc_quantize, OCTET_S8, 1)
QUANTIZE(octet_f32_u4_pc_quantize, OCTET_U4, 1)
QUANTIZE(octet_f32_s4_pc_quantize, OCTET_S4, 1)
