/* From sums to the results; for any vector type, see group_512.h. */

/* Of a tile. */
enum { MOST_ROWS = 12 };

/* Adds the bias, clamps and stores a vector of a row, as far as the range goes. */
ALWAYS_INLINE void finish(const struct octet_group_matmul *product, floats y, float *row, int32_t column,
                          int32_t end) {
  if (product->bias != 0) {
    y = added(y, load_first(product->bias + column, end - column));
  }
  y = java_min(java_max(y, floats_of(product->low)), floats_of(product->high));
  store_first(row + column, end - column, y);
}

/* The sums of a row's panels: to results, or stored as they are where more of K follows. */
ALWAYS_INLINE void end_row(const struct octet_group_matmul *product, int32_t is_last, int32_t panels,
                           const floats y[][2], float *row, int32_t column, int32_t end) {
#pragma GCC unroll 4
  for (int32_t i = 0; i < 2 * panels; i++) {
    const int32_t first = column + i * VECTOR_COLUMNS;
    if (is_last) {
      finish(product, y[i / 2][i % 2], row, first, end);
    } else {
      store_first(row + first, end - first, y[i / 2][i % 2]);
    }
  }
}

/* The same of rows of one panel. Called, once a tile, not inlined: the tiles of the tiers of x86-64 would be
   0.2 MB larger. */
static __attribute__((noinline)) void end_rows(const struct octet_group_matmul *product, int32_t is_last,
                                               int32_t rows, const floats y[][2], float *dst,
                                               int64_t dst_stride, int32_t column, int32_t end) {
  /* A copy, which no store to dst can change. */
  const struct octet_group_matmul own = *product;
  for (int32_t r = 0; r < rows; r++, dst += dst_stride) {
    end_row(&own, is_last, 1, y + r, dst, column, end);
  }
}

/* The same of a tile in registers: of one row, or of one panel. Both are constants; where K is 128, one row
   takes 6 % longer if it is called. */
ALWAYS_INLINE void end_tile(const struct octet_group_matmul *product, int32_t is_last, int32_t rows,
                            int32_t panels, floats y[][2], float *dst, int64_t dst_stride, int32_t column,
                            int32_t end) {
  if (rows == 1) {
    end_row(product, is_last, panels, y, dst, column, end);
    return;
  }
  /* A copy, or those in registers would be in memory all the time. */
  floats sums[MOST_ROWS][2];
#pragma GCC unroll 12
  for (int32_t r = 0; r < rows; r++) {
    sums[r][0] = y[r][0];
    sums[r][1] = y[r][1];
  }
  end_rows(product, is_last, rows, sums, dst, dst_stride, column, end);
}
