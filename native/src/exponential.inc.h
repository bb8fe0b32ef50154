/* e^x over the names of a vector__*.h, for x of -88 or above: 2^n * e^r with r within half of ln 2. The
   polynomial and the two parts of ln 2 are those of Cephes (S. Moshier, expf). */

INLINE reals exponential(reals x) {
  /* The last bits of t are n. Of n = -127 the power is 0, of n = 128 infinity. */
  const reals t = multiply_add(x, all_reals(1.44269504f), all_reals(12582912.0f));
  const reals n = subtract_reals(t, all_reals(12582912.0f));
  reals r = multiply_subtract(n, all_reals(0.693359375f), x);
  r = multiply_add(n, all_reals(2.12194440e-4f), r);
  reals p = multiply_add(all_reals(1.9875691500e-4f), r, all_reals(1.3981999507e-3f));
  p = multiply_add(p, r, all_reals(8.3334519073e-3f));
  p = multiply_add(p, r, all_reals(4.1665795894e-2f));
  p = multiply_add(p, r, all_reals(1.6666665459e-1f));
  p = multiply_add(p, r, all_reals(5.0000001201e-1f));
  p = add_reals(multiply_add(p, multiply(r, r), r), all_reals(1));
  return multiply(p, power_of_2(t));
}
