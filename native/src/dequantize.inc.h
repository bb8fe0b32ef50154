/* Template of the dequantize kernels, over the names of a vector__*.h: integers in bytes to F32. */

struct dequantize_parameters {
  const float *scales;
  const int32_t *zero_points;
  reals scale;
  ints zero_point;
};

INLINE void dequantize_block(const char *src, char *dst, const struct dequantize_parameters *p, int64_t i,
                             int64_t n, int is_signed, int per_element) {
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    const int64_t rest = n - v * LANES;
    const int64_t at = i + v * LANES;
    const ints q = is_signed ? load_signed(src + at, rest) : load_unsigned(src + at, rest);
    const reals scale = per_element ? load_reals((const char *)(p->scales + at), rest) : p->scale;
    const ints zero_point =
        per_element ? load_ints((const char *)(p->zero_points + at), rest) : p->zero_point;
    store_reals(dst + 4 * at, multiply(to_reals(subtract_ints(q, zero_point)), scale), rest);
  }
}

INLINE void dequantize(const void *src, void *dst, int64_t count, const float *scales,
                       const int32_t *zero_points, int is_signed, int per_element) {
  const struct dequantize_parameters p = {scales, zero_points,
                                          per_element ? all_reals(0) : all_reals(*scales),
                                          per_element ? all_ints(0) : all_ints(*zero_points)};
  int64_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK) {
    dequantize_block(src, dst, &p, i, BLOCK, is_signed, per_element);
  }
  if (i < count) {
    dequantize_block(src, dst, &p, i, count - i, is_signed, per_element);
  }
}

#define DEQUANTIZE(name, is_signed, per_element)                                    \
  void KERNEL(name)(const void *src, void *dst, int64_t count, const float *scales, \
                    const int32_t *zero_points) {                                   \
    dequantize(src, dst, count, scales, zero_points, is_signed, per_element);       \
  }

DEQUANTIZE(octet_u8_f32_pt_dequantize, 0, 0)
DEQUANTIZE(octet_s8_f32_pt_dequantize, 1, 0)
DEQUANTIZE(octet_u8_f32_pc_dequantize, 0, 1)
DEQUANTIZE(octet_s8_f32_pc_dequantize, 1, 1)
