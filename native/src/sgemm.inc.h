/* Products of floats, over the names of a vector__*.h and TILE_ROWS, the rows of a tile, whose sums stay in
   registers for SGEMM_DEPTH steps of K. Every sum adds its products in ascending order of K by fused
   multiply-add, so that neither tiles nor steps change a bit. */
#include "scalars.h"
#include "sgemm.h"

enum { PANEL = 2 * LANES };

/* Rows of floats, transposed: to[i][row] = from[row][i]; the other columns of to are 0. */
INLINE void pack_transposed(const char *from, int64_t row_bytes, int64_t rows, int64_t depth, float *to,
                            int64_t width) {
  int64_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    const char *x = from + row * row_bytes;
    float *y = to + row;
    int64_t i = 0;
    for (; i + 4 <= depth; i += 4, x += 16, y += 4 * width) {
      __m128 a = _mm_loadu_ps((const float *)(const void *)x);
      __m128 b = _mm_loadu_ps((const float *)(const void *)(x + row_bytes));
      __m128 c = _mm_loadu_ps((const float *)(const void *)(x + 2 * row_bytes));
      __m128 d = _mm_loadu_ps((const float *)(const void *)(x + 3 * row_bytes));
      _MM_TRANSPOSE4_PS(a, b, c, d);
      _mm_storeu_ps(y, a);
      _mm_storeu_ps(y + width, b);
      _mm_storeu_ps(y + 2 * width, c);
      _mm_storeu_ps(y + 3 * width, d);
    }
    for (; i < depth; i++, x += 4, y += width) {
      for (int64_t r = 0; r < 4; r++) {
        y[r] = load_float(x + r * row_bytes, 0);
      }
    }
  }
  for (; row < width; row++) {
    for (int64_t i = 0; i < depth; i++) {
      to[i * width + row] = row < rows ? load_float(from + row * row_bytes, i) : 0;
    }
  }
}

/* Some columns of a matrix, up to a panel; the others are 0. */
INLINE void pack_columns(const char *from, int64_t row_bytes, int64_t depth, int64_t columns, float *to) {
  for (int64_t i = 0; i < depth; i++, from += row_bytes, to += PANEL) {
    store_reals((char *)to, load_reals(from, columns), LANES);
    store_reals((char *)(to + LANES), load_reals(from + 4 * LANES, columns - LANES), LANES);
  }
}

/* Up to a panel's columns, for some steps of K from the first on. */
INLINE void pack_panel(const struct octet_sgemm *plan, const char *right, int64_t right_row, int64_t first,
                       int64_t depth, int64_t column, int64_t columns, float *to) {
  if (plan->right_transposed) {
    pack_transposed(right + 4 * (column * right_row + first), 4 * right_row, columns, depth, to, PANEL);
  } else {
    pack_columns(right + 4 * (first * right_row + column), 4 * right_row, depth, columns, to);
  }
}

/* Where sums begin and go: what they begin with, a number of each column or, if is_wide is 0, one for all
   columns; NULL: 0. Then dst. */
struct sums {
  const char *from;
  int64_t from_row;
  int is_wide;
  char *dst;
  int64_t dst_row;
  int64_t columns;
};

/* Bytes from one row, and from one step of K, to the next. */
struct left {
  const char *at;
  int64_t row;
  int64_t step;
};

/* The last vector of a row holds last columns, the others all of theirs. */
INLINE void first_sums(int rows, int vectors, const struct sums *sums, int64_t last, reals y[][2]) {
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) {
    const char *from = sums->from + r * sums->from_row;
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      y[r][v] = sums->is_wide ? load_reals(from + 4 * v * LANES, v + 1 < vectors ? LANES : last)
                              : all_reals(load_float(from, 0));
    }
  }
}

INLINE void store_sums(int rows, int vectors, const struct sums *sums, int64_t last, reals y[][2]) {
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      store_reals(sums->dst + r * sums->dst_row + 4 * v * LANES, y[r][v], v + 1 < vectors ? LANES : last);
    }
  }
}

/* Where large results go lies in no first cache: without this, scores of 512 tokens took 1.3 times as long.
 */
INLINE void ask_for_sums(int rows, int vectors, const struct sums *sums) {
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      __builtin_prefetch(sums->dst + r * sums->dst_row + 4 * v * LANES, 1);
    }
  }
}

/* Of one or two vectors of columns. */
INLINE void multiply_tile(int rows, int vectors, struct left left, const float *panel, int64_t depth,
                          const struct sums *given) {
  /* A copy, which no store to dst can change. */
  const struct sums sums = *given;
  const int64_t last = sums.columns - (vectors - 1) * LANES;
  reals y[TILE_ROWS][2];
  if (depth >= SGEMM_ASKS) {
    ask_for_sums(rows, vectors, &sums);
  }
  if (sums.from == 0) {
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
      y[r][0] = y[r][1] = all_reals(0);
    }
  } else if (last >= LANES) {
    first_sums(rows, vectors, &sums, LANES, y);
  } else {
    first_sums(rows, vectors, &sums, last, y);
  }
  for (int64_t i = 0; i < depth; i++, panel += PANEL, left.at += left.step) {
    const reals w0 = load_reals((const char *)panel, LANES);
    const reals w1 = vectors == 1 ? w0 : load_reals((const char *)(panel + LANES), LANES);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
      const reals x = all_reals(load_float(left.at + r * left.row, 0));
      y[r][0] = multiply_add(x, w0, y[r][0]);
      if (vectors == 2) {
        y[r][1] = multiply_add(x, w1, y[r][1]);
      }
    }
  }
  if (last >= LANES) {
    store_sums(rows, vectors, &sums, LANES, y);
  } else {
    store_sums(rows, vectors, &sums, last, y);
  }
}

#define OCTET_TILE(tile_rows)                                \
  case tile_rows:                                            \
    if (sums->columns > LANES) {                             \
      multiply_tile(tile_rows, 2, left, panel, depth, sums); \
    } else {                                                 \
      multiply_tile(tile_rows, 1, left, panel, depth, sums); \
    }                                                        \
    break;

static void multiply_rows(int64_t rows, struct left left, const float *panel, int64_t depth,
                          const struct sums *sums) {
  switch (rows) {
    OCTET_TILE(1)
    OCTET_TILE(2)
    OCTET_TILE(3)
    OCTET_TILE(4)
    OCTET_TILE(5)
    OCTET_TILE(6)
#if TILE_ROWS == 12
    OCTET_TILE(7)
    OCTET_TILE(8)
    OCTET_TILE(9)
    OCTET_TILE(10)
    OCTET_TILE(11)
    OCTET_TILE(12)
#endif
    default:
      break;
  }
}

#undef OCTET_TILE

/* Rows times a panel, tile after tile. */
INLINE void multiply_panel(int64_t rows, int64_t tile_rows, struct left left, int is_packed,
                           const float *panel, int64_t depth, struct sums sums) {
  for (int64_t row = 0; row < rows; row += tile_rows) {
    const int64_t count = row + tile_rows <= rows ? tile_rows : rows - row;
    if (is_packed) {
      left.row = 4;
      left.step = 4 * count;
    }
    multiply_rows(count, left, panel, depth, &sums);
    left.at += is_packed ? 4 * count * depth : count * left.row;
    sums.dst += count * sums.dst_row;
    if (sums.from != 0) {
      sums.from += count * sums.from_row;
    }
  }
}

/* Some rows times all columns, for some steps of K from the first on. */
static void multiply_chunk(const struct octet_sgemm *plan, const struct sgemm_call *call, int64_t row,
                           int64_t rows, int64_t first, int64_t depth) {
  const int64_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const int64_t tile_rows = (rows + tiles - 1) / tiles;
  const int is_packed = sgemm_packs_rows(call->columns);
  float *panel = call->scratch;
  float *packed = panel + (plan->weights == 0 ? depth * PANEL : 0);
  struct left left = {(const char *)call->left + 4 * (row * call->left_row + first), 4 * call->left_row, 4};
  if (is_packed) {
    for (int64_t r = 0; r < rows; r += tile_rows) {
      const int64_t count = r + tile_rows <= rows ? tile_rows : rows - r;
      pack_transposed(left.at + r * left.row, left.row, count, depth, packed + r * depth, count);
    }
    left.at = (const char *)packed;
  }
  for (int64_t done = 0; done < call->columns; done += PANEL) {
    const int64_t column = call->first_column + done;
    const int64_t columns = call->columns - done < PANEL ? call->columns - done : PANEL;
    struct sums sums = {.dst = (char *)call->dst + 4 * (row * call->dst_row + column),
                        .dst_row = 4 * call->dst_row,
                        .is_wide = 1,
                        .columns = columns};
    if (first > 0 || plan->accumulate) {
      sums.from = sums.dst;
      sums.from_row = sums.dst_row;
    } else if (plan->bias != 0) {
      sums.from = (const char *)(plan->bias + column);
    } else if (plan->row_bias != 0) {
      sums.from = (const char *)(plan->row_bias + row);
      sums.from_row = 4;
      sums.is_wide = 0;
    }
    const float *weights = panel;
    if (plan->weights == 0) {
      pack_panel(plan, call->right, call->right_row, first, depth, column, columns, panel);
    } else {
      weights = (const float *)plan->weights + column * call->k + first * PANEL;
    }
    multiply_panel(rows, tile_rows, left, is_packed, weights, depth, sums);
  }
}

void KERNEL(octet_f32f32_f32_sgemm)(const struct octet_sgemm *plan, const struct sgemm_call *call) {
  const int64_t deep = sgemm_depth(call->k);
  for (int64_t first = 0; first < call->k; first += deep) {
    const int64_t depth = call->k - first < deep ? call->k - first : deep;
    const int64_t most = sgemm_rows(deep);
    for (int64_t done = 0; done < call->rows; done += most) {
      const int64_t rows = call->rows - done < most ? call->rows - done : most;
      multiply_chunk(plan, call, call->first_row + done, rows, first, depth);
    }
  }
}

void KERNEL(octet_f32f32_f32_sgemm_pack)(const struct octet_sgemm *plan, const void *right, int64_t right_row,
                                         float *dst) {
  for (int64_t column = 0; column < plan->n; column += PANEL, dst += plan->k * (int64_t)PANEL) {
    const int64_t columns = plan->n - column < PANEL ? plan->n - column : PANEL;
    pack_panel(plan, right, right_row, 0, plan->k, column, columns, dst);
  }
}
