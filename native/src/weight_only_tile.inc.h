/* What products of float rows and weights that become floats share, whatever the weights are packed as.
   Included with the vector type (group_512.h, group_256.h) and OCTET_TILE_ROWS: 12 or 6, rows of a tile. */
#include "group_finish.inc.h"
#include "group_float_bits.h"
#include "scalars.h"

enum {
  TILE_ROWS = OCTET_TILE_ROWS,
  STREAM_ROWS = 4,
  /* Rows of K that are floats at a time: no group is cut but those of 256 and of a whole
     column. */
  CHUNK_OCTETS = 16,
  CHUNK = 8 * CHUNK_OCTETS
};

/* A row's sum of one group. */
ALWAYS_INLINE floats sum_of(int32_t parts, const floats sums[4]) {
  return parts == 4   ? added(added(sums[0], sums[1]), added(sums[2], sums[3]))
         : parts == 2 ? added(sums[0], sums[1])
                      : sums[0];
}

/* The end of up to four rows that are streamed. Four on AVX2 end inline: called, they would take 1.1 times as
   long, and 1.35 in NVFP4, as gcc 12 keeps other sums in its 16 registers then. */
ALWAYS_INLINE void end_stream(const struct octet_group_matmul *product, int32_t is_last, int32_t rows,
                              floats y[][2], float *dst, int64_t dst_stride, int32_t column, int32_t end) {
  if (VECTOR_COLUMNS == 8 && rows == STREAM_ROWS) {
#pragma GCC unroll 4
    for (int32_t r = 0; r < rows; r++) {
      end_row(product, is_last, 1, y + r, dst + r * dst_stride, column, end);
    }
    return;
  }
  end_tile(product, is_last, rows, 1, y, dst, dst_stride, column, end);
}

/* Whether the scale of a group may be multiplied in after its sum: no sum of 2^19 products with 9-bit
   integers overflows, and such products lose nothing where they are denormal. With one k the two roundings of
   weight and product are all that the law's bound has room for. */
static int is_mild(const struct octet_group_matmul *product, const float *x, int64_t x_stride, int32_t rows) {
  const uint32_t limit = float_bits(0x1p96f);
  uint32_t most = 0;
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t i = 0; i < product->k; i++) {
      const uint32_t magnitude = float_bits(load_float(x, r * x_stride + i)) & 0x7fffffff;
      most = magnitude > most ? magnitude : most;
    }
  }
  return most <= limit && product->k > 1 && product->k <= 1 << 19;
}

/* Adds count steps of K to what dst holds, or begins with them; after the last ones the results are finished.
 */
ALWAYS_INLINE void multiply_tile(int32_t rows, const struct octet_group_matmul *product, const float *panel,
                                 int32_t first, int32_t count, const float *x, int64_t x_stride, float *dst,
                                 int64_t dst_stride, int32_t column, int32_t end) {
  floats y[TILE_ROWS][2];
#pragma GCC unroll 12
  for (int32_t r = 0; r < rows; r++) {
#pragma GCC unroll 2
    for (int32_t v = 0; v < 2; v++) {
      const int32_t held = first > 0 ? end - column - v * VECTOR_COLUMNS : 0;
      y[r][v] = load_first(dst + r * dst_stride + column + v * VECTOR_COLUMNS, held);
    }
  }
  for (int32_t i = 0; i < count; i++) {
    const floats w0 = load_floats(panel + i * PANEL_COLUMNS);
    const floats w1 = load_floats(panel + i * PANEL_COLUMNS + VECTOR_COLUMNS);
#pragma GCC unroll 12
    for (int32_t r = 0; r < rows; r++) {
      const floats a = floats_of(load_float(x, r * x_stride + first + i));
      y[r][0] = fused(a, w0, y[r][0]);
      y[r][1] = fused(a, w1, y[r][1]);
    }
  }
  end_tile(product, first + count == product->k, rows, 1, y, dst, dst_stride, column, end);
}

static void multiply_rows(const struct octet_group_matmul *product, const float *panel, int32_t first,
                          int32_t count, const float *x, int64_t x_stride, float *dst, int64_t dst_stride,
                          int32_t rows, int32_t column, int32_t end) {
#define OCTET_TILE(tile_rows)                                                                          \
  for (; rows >= (tile_rows);                                                                          \
       rows -= (tile_rows), x += (tile_rows)*x_stride, dst += (tile_rows)*dst_stride) {                \
    multiply_tile(tile_rows, product, panel, first, count, x, x_stride, dst, dst_stride, column, end); \
  }
#if OCTET_TILE_ROWS == 12
  OCTET_TILE(12)
#endif
  OCTET_TILE(6)
  OCTET_TILE(4)
  OCTET_TILE(2)
  OCTET_TILE(1)
#undef OCTET_TILE
}
