/* Template of the range kernels, over the names of a vector__*.h: the least and the greatest of floats and 0.
 */

INLINE void range_block(const char *src, int64_t i, int64_t n, reals least[4], reals greatest[4],
                        flags *nan) {
  reals x[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) {
    /* Lanes that are not there are 0, which is in every range. */
    x[v] = load_reals(src + 4 * (i + v * LANES), n - v * LANES);
    least[v] = lesser(least[v], x[v]);
    greatest[v] = greater(greatest[v], x[v]);
  }
  *nan = flag_nan(flag_nan(*nan, x[0], x[1]), x[2], x[3]);
}

void KERNEL(octet_f32_f32_pt_range)(const void *src, int64_t count, float *range) {
  const reals zero = all_reals(0);
  reals least[4] = {zero, zero, zero, zero};
  reals greatest[4] = {zero, zero, zero, zero};
  flags nan = no_flags();
  int64_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK) {
    range_block(src, i, BLOCK, least, greatest, &nan);
  }
  if (i < count) {
    range_block(src, i, count - i, least, greatest, &nan);
  }
  if (any_flag(nan)) {
    range[0] = __builtin_nanf("");
    range[1] = range[0];
    return;
  }
  range[0] = least_lane(lesser(lesser(least[0], least[1]), lesser(least[2], least[3])));
  range[1] = greatest_lane(greater(greater(greatest[0], greatest[1]), greater(greatest[2], greatest[3])));
}
