/* Sums of rows over the names of a vector__*.h, in the order of the law: 64 sums, element i is added to
   number i mod 64; then numbers j and j + 32 are added, j and j + 16, down to one. */

enum {
  SUMS = 64,
  SUM_VECTORS = SUMS / LANES,
  /* Elements that take each step together, in whole rows: what one row waits for, its sum and a quotient,
     hides behind the next rows. Layer norm of 384 columns takes 0.9 of the time so; twice as many are no
     faster, and slower where rows are long. */
  TOGETHER = 1024,
  MOST_TOGETHER = 16
};

INLINE int64_t rows_together(int64_t columns) {
  const int64_t rows = columns < 1 ? MOST_TOGETHER : TOGETHER / columns;
  return rows < 1 ? 1 : rows > MOST_TOGETHER ? MOST_TOGETHER : rows;
}

INLINE void clear_sums(reals sums[SUM_VECTORS]) {
  for (int v = 0; v < SUM_VECTORS; v++) {
    sums[v] = all_reals(0);
  }
}

INLINE float total(reals sums[SUM_VECTORS]) {
#pragma GCC unroll 3
  for (int half = SUM_VECTORS / 2; half > 0; half /= 2) {
    for (int v = 0; v < half; v++) {
      sums[v] = add_reals(sums[v], sums[v + half]);
    }
  }
  return sum_of_lanes(sums[0]);
}
