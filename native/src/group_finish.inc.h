/* From a vector of sums to the results; for any vector type, see group_512.h. */

/* Adds the bias, clamps and stores a vector of a row, as far as the range goes. */
ALWAYS_INLINE void finish(const struct octet_group_matmul *product, floats y, float *row, int32_t column,
                          int32_t end) {
  if (product->bias != 0) {
    y = added(y, load_first(product->bias + column, end - column));
  }
  y = java_min(java_max(y, floats_of(product->low)), floats_of(product->high));
  store_first(row + column, end - column, y);
}
