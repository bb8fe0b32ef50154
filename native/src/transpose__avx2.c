/* AVX2: a matrix of bytes, transposed by blocks of 16 x 16. */
#include "copy.h"
#include "kernels.h"
#include "vector__avx2.h"

enum { SIDE = 16, TILE = 64 };

INLINE void unpack_8(__m128i x[SIDE]) {
  __m128i y[SIDE];
  for (int i = 0; i < SIDE / 2; i++) {
    y[2 * i] = _mm_unpacklo_epi8(x[i], x[i + SIDE / 2]);
    y[2 * i + 1] = _mm_unpackhi_epi8(x[i], x[i + SIDE / 2]);
  }
  for (int i = 0; i < SIDE; i++) {
    x[i] = y[i];
  }
}

/* A step pairs row i with row i + 8; four of them bring each byte where it belongs. */
INLINE void transpose_block(__m128i x[SIDE]) {
  unpack_8(x);
  unpack_8(x);
  unpack_8(x);
  unpack_8(x);
}

INLINE __m128i load_side(const char *from) {
  return _mm_loadu_si128((const __m128i *)from);
}

INLINE void store_side(char *to, __m128i x) {
  _mm_storeu_si128((__m128i *)to, x);
}

INLINE void whole_block(const char *src, int64_t src_row, char *dst, int64_t dst_row) {
  __m128i x[SIDE];
#pragma GCC unroll 16
  for (int r = 0; r < SIDE; r++) {
    x[r] = load_side(src + r * src_row);
  }
  transpose_block(x);
#pragma GCC unroll 16
  for (int c = 0; c < SIDE; c++) {
    store_side(dst + c * dst_row, x[c]);
  }
}

INLINE int64_t least(int64_t x, int64_t y) {
  return x < y ? x : y;
}

/* Tiles of whole cache lines on both sides. The last blocks of an axis begin 16 before its end. */
static void wide(const char *src, int64_t src_row, char *dst, int64_t dst_row, int64_t rows,
                 int64_t columns) {
  for (int64_t row = 0; row < rows; row += TILE) {
    for (int64_t column = 0; column < columns; column += TILE) {
      for (int64_t i = row; i < least(row + TILE, rows); i += SIDE) {
        for (int64_t j = column; j < least(column + TILE, columns); j += SIDE) {
          const int64_t r = least(i, rows - SIDE);
          const int64_t c = least(j, columns - SIDE);
          whole_block(src + r * src_row + c, src_row, dst + c * dst_row + r, dst_row);
        }
      }
    }
  }
}

/* Fewer than 16 rows or columns. Where bytes follow that belong to the source, a whole vector is read; where
   bytes follow that are written later, a whole vector is stored. */
static void narrow(const char *src, int64_t src_row, char *dst, int64_t dst_row, int64_t rows,
                   int64_t columns) {
  const char *src_end = src + (rows - 1) * src_row + columns;
  const char *dst_end = dst + (columns - 1) * dst_row + rows;
  const int dense = rows < SIDE && dst_row == rows;
  for (int64_t row = 0; row < rows; row += SIDE) {
    const int64_t n = least(rows - row, SIDE);
    for (int64_t column = 0; column < columns; column += SIDE) {
      const int64_t m = least(columns - column, SIDE);
      __m128i x[SIDE];
      for (int64_t r = 0; r < SIDE; r++) {
        const char *from = src + (row + r) * src_row + column;
        x[r] = r >= n ? _mm_setzero_si128() : src_end - from >= SIDE ? load_side(from) : load_part(from, m);
      }
      transpose_block(x);
      for (int64_t c = 0; c < m; c++) {
        char *to = dst + (column + c) * dst_row + row;
        if (n == SIDE || (dense && dst_end - to >= SIDE)) {
          store_side(to, x[c]);
        } else {
          char some[SIDE];
          store_side(some, x[c]);
          copy_few(some, to, n);
        }
      }
    }
  }
}

/* Three planes to pixels of three channels, and back: 16 pixels are three vectors, of which each takes from
   every plane. The negative indexes make zeros. */
static const int8_t TO_PIXELS[3][3][SIDE] = {
    {{0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5},
     {-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1},
     {-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1}},
    {{-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1},
     {5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10},
     {-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1}},
    {{-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1},
     {-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1},
     {10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15}}};

static const int8_t TO_PLANES[3][3][SIDE] = {{{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
                                              {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
                                              {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
                                             {{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
                                              {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
                                              {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
                                             {{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
                                              {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
                                              {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}}};

INLINE __m128i merge(const __m128i x[3], const int8_t indexes[3][SIDE]) {
  const __m128i a = _mm_shuffle_epi8(x[0], load_side((const char *)indexes[0]));
  const __m128i b = _mm_shuffle_epi8(x[1], load_side((const char *)indexes[1]));
  const __m128i c = _mm_shuffle_epi8(x[2], load_side((const char *)indexes[2]));
  return _mm_or_si128(_mm_or_si128(a, b), c);
}

/* The steps are the bytes between the three vectors of a block, and blocks are 16 or 48 bytes apart. */
INLINE int64_t threes(const char *src, int64_t src_step, char *dst, int64_t dst_step, int64_t pixels,
                      const int8_t indexes[3][3][SIDE]) {
  int64_t i = 0;
  for (; i + SIDE <= pixels; i += SIDE) {
    const char *from = src + (src_step == SIDE ? 3 * i : i);
    char *to = dst + (dst_step == SIDE ? 3 * i : i);
    const __m128i x[3] = {load_side(from), load_side(from + src_step), load_side(from + 2 * src_step)};
    store_side(to, merge(x, indexes[0]));
    store_side(to + dst_step, merge(x, indexes[1]));
    store_side(to + 2 * dst_step, merge(x, indexes[2]));
  }
  return i;
}

void octet_u8_u8_pt_transpose_16x16__avx2(const void *src, int64_t src_row, void *dst, int64_t dst_row,
                                          int64_t rows, int64_t columns) {
  const char *from = src;
  char *to = dst;
  if (rows >= SIDE && columns >= SIDE) {
    wide(from, src_row, to, dst_row, rows, columns);
    return;
  }
  if (rows == 3 && dst_row == 3 && src_row != SIDE) {
    const int64_t done = threes(from, src_row, to, SIDE, columns, TO_PIXELS);
    from += done;
    to += 3 * done;
    columns -= done;
  } else if (columns == 3 && src_row == 3 && dst_row != SIDE) {
    const int64_t done = threes(from, SIDE, to, dst_row, rows, TO_PLANES);
    from += 3 * done;
    to += done;
    rows -= done;
  }
  if (rows > 0 && columns > 0) {
    narrow(from, src_row, to, dst_row, rows, columns);
  }
}
