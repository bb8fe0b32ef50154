/* The loops of packing. Whoever includes this has defined PANEL_COLUMNS and

     pack_rows(weights, stride, k, columns, flip, packed, sums, streamed)   from [K][N], some K of a panel
     pack_columns(weights, stride, k, columns, flip, packed, sums)          from [N][K]

   which pack and add to sums. streamed: stores may go past the caches. */

enum {
  /* K at a time. From [K][N]: that many streams are read, each of them on to the next panel. From [N][K]: one
     stream for each column, on to the next block. */
  ROWS_AT_ONCE = 16,
  /* What is larger would not be found in L2 again. What is smaller is often used at once: operands of a
     batch. */
  STREAMED_BYTES = 512 * 1024,
  CACHE_LINE = 64
};

ALWAYS_INLINE void matmul_pack(const uint8_t *weights, int32_t type, int32_t transposed, int64_t stride,
                               int32_t k, int32_t first_column, int32_t columns, int8_t *packed,
                               int32_t *sums) {
  const uint8_t flip = type == OCTET_U8 ? 0x80 : 0;
  const int32_t end = first_column + columns;
  const int64_t padded = ((int64_t)k + 3) / 4 * 4;
  /* Streamed stores are for whole lines. */
  const int streamed = padded * columns > STREAMED_BYTES && (uintptr_t)packed % CACHE_LINE == 0;
  for (int32_t column = first_column; column < end; column++) {
    sums[column] = 0;
  }
  if (transposed) {
    for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
      pack_columns(weights + column * stride, stride, k, at_most(PANEL_COLUMNS, end - column), flip,
                   packed + column * padded, sums + column);
    }
    return;
  }
  for (int32_t first = 0; first < k; first += ROWS_AT_ONCE) {
    for (int32_t column = first_column; column < end; column += PANEL_COLUMNS) {
      pack_rows(weights + first * stride + column, stride, at_most(ROWS_AT_ONCE, k - first),
                at_most(PANEL_COLUMNS, end - column), flip,
                packed + column * padded + (int64_t)first * PANEL_COLUMNS, sums + column, streamed);
    }
  }
}
