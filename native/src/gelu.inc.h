/* Template of the GELU kernels, over the names of a vector__*.h. */

/* The error function of z, clamped to -4 to 4 where it is exactly -1 and 1: the rational function that Eigen
   publishes for float (generic_fast_erf_float). */
INLINE reals error_function(reals z) {
  const reals x = greater(all_reals(-4), lesser(all_reals(4), z));
  const reals x2 = multiply(x, x);
  reals p = multiply_add(all_reals(-2.72614225801306e-10f), x2, all_reals(2.77068142495902e-08f));
  p = multiply_add(p, x2, all_reals(-2.10102402082508e-06f));
  p = multiply_add(p, x2, all_reals(-5.69250639462346e-05f));
  p = multiply_add(p, x2, all_reals(-7.34990630326855e-04f));
  p = multiply_add(p, x2, all_reals(-2.95459980854025e-03f));
  p = multiply_add(p, x2, all_reals(-1.60960333262415e-02f));
  reals q = multiply_add(all_reals(-1.45660718464996e-05f), x2, all_reals(-2.13374055278905e-04f));
  q = multiply_add(q, x2, all_reals(-1.68282697438203e-03f));
  q = multiply_add(q, x2, all_reals(-7.37332916720468e-03f));
  q = multiply_add(q, x2, all_reals(-1.42647390514189e-02f));
  return divide(multiply(x, p), q);
}

INLINE reals gelu(reals x) {
  const reals erf = error_function(multiply(x, all_reals(0.707106781f)));
  return multiply(multiply(x, all_reals(0.5f)), add_reals(erf, all_reals(1)));
}

/* x / (1 + e^(-2u)) with u = sqrt(2 / pi) * (x + 0.044715 * x^3). */
INLINE reals gelu_tanh(reals x) {
  const reals cubic = multiply_add(multiply(x, x), all_reals(0.044715f), all_reals(1));
  const reals v = multiply(multiply(x, all_reals(-1.59576912f)), cubic);
  const reals within = greater(all_reals(-88), lesser(all_reals(89), v));
  return divide(x, add_reals(exponential(within), all_reals(1)));
}

#define GELU(name, function)                                                             \
  void KERNEL(name)(const void *src, void *dst, int64_t count) {                         \
    const char *from = src;                                                              \
    char *to = dst;                                                                      \
    int64_t i = 0;                                                                       \
    for (; i + BLOCK <= count; i += BLOCK) {                                             \
      _Pragma("GCC unroll 4") for (int v = 0; v < 4; v++) {                              \
        const int64_t at = 4 * (i + v * LANES);                                          \
        store_reals(to + at, function(load_reals(from + at, LANES)), LANES);             \
      }                                                                                  \
    }                                                                                    \
    for (; i < count; i += LANES) {                                                      \
      store_reals(to + 4 * i, function(load_reals(from + 4 * i, count - i)), count - i); \
    }                                                                                    \
  }

GELU(octet_f32_f32_pt_gelu, gelu)
GELU(octet_f32_f32_pt_gelu_tanh, gelu_tanh)
