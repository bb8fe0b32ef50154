/* One float row times weights that stay integers, which the row becomes too: float_digits.h. A piece of the
   row is up to 128 k in a group; a row with a float too small for the digits of its piece, or that is not
   mild, is left to float arithmetic. Included with the vector type (group_512.h, group_256.h) and
   multiply_octets, weight_offset and operand_zero_points (group_vnni.inc.h). */
#include "float_digits.h"
#include "group_rows.h"
#include "group_sums.inc.h"

enum { MOST_PIECES = DIGITS_K / 32 };

struct piece {
  /* Of the block of its group, and of its weights, from the beginning of a panel. */
  int64_t block;
  int64_t weights;
  int32_t octets;
  /* 3 or 4. */
  int32_t digits;
  /* The float of an integer 1. */
  float step;
  /* Of sums, one for each digit: as in struct group_rows. */
  int32_t starts[MOST_DIGITS];
};

struct digits {
  struct piece pieces[MOST_PIECES];
  /* The lowest first; those of a piece begin at a multiple of 8, and may be written up to a step's end. */
  int8_t values[MOST_DIGITS][DIGITS_K];
};

/* A piece's sums of products with one or two panels as floats, added to y; digits and panels are constants.
   Two panels share what is loaded of the row: a fifth less time where weights lie in L2, a quarter from DRAM.
 */
ALWAYS_INLINE void add_piece(int32_t bits, int32_t digits, int32_t panels, const struct group_layout *layout,
                             const struct piece *piece, const uint8_t *panel, const int8_t *values,
                             floats y[][2]) {
  const uint8_t *block = panel + piece->block;
  const uint8_t *weights = panel + piece->weights;
  /* Digit d of panel p is at p * digits + d. */
  lanes sums[2 * MOST_DIGITS][2];
#pragma GCC unroll 2
  for (int32_t p = 0; p < panels; p++) {
    begin_sums(bits, digits, layout, block + p * layout->panel, piece->starts, 1, sums + p * digits);
  }
  int32_t o = 0;
  for (; o <= piece->octets - 4; o += 4, weights += 4 * bits * PANEL_COLUMNS, values += 32) {
#pragma GCC unroll 2
    for (int32_t p = 0; p < panels; p++) {
      ask_for(weights + p * layout->panel, 4 * bits * PANEL_COLUMNS, bits == 8 ? 4096 : 2048);
    }
#pragma GCC unroll 4
    for (int32_t i = 0; i < 4; i++) {
#pragma GCC unroll 2
      for (int32_t p = 0; p < panels; p++) {
        multiply_octets(bits, digits, sums + p * digits,
                        weights + i * bits * PANEL_COLUMNS + p * layout->panel, 1, values + 8 * i, DIGITS_K);
      }
    }
  }
  for (; o < piece->octets; o++, weights += bits * PANEL_COLUMNS, values += 8) {
#pragma GCC unroll 2
    for (int32_t p = 0; p < panels; p++) {
      multiply_octets(bits, digits, sums + p * digits, weights + p * layout->panel, 1, values, DIGITS_K);
    }
  }
#pragma GCC unroll 4
  for (int32_t i = 0; i < 2 * panels; i++) {
    const int32_t p = i / 2;
    const int32_t v = i % 2;
    floats sum = floats_of_lanes(sums[p * digits + digits - 1][v]);
#pragma GCC unroll 4
    for (int32_t d = digits - 2; d >= 0; d--) {
      sum = fused(sum, floats_of(256), floats_of_lanes(sums[p * digits + d][v]));
    }
    const floats scale = load_scales(layout->scale_type, block + p * layout->panel, v * VECTOR_COLUMNS);
    y[p][v] = fused(multiplied(sum, floats_of(piece->step)), scale, y[p][v]);
  }
}

/* Adds some pieces to what dst holds, or begins with them; the last ones finish the results. */
ALWAYS_INLINE void multiply_panels(int32_t bits, int32_t panels, const struct octet_group_matmul *product,
                                   const struct group_layout *layout, const struct digits *digits,
                                   int32_t count, int32_t is_first, int32_t is_last, float *dst,
                                   int32_t column, int32_t end) {
  const uint8_t *panel = group_panel(product, layout, column);
  const int8_t *values = digits->values[0];
  const int32_t held = is_first ? 0 : end - column;
  floats y[2][2];
#pragma GCC unroll 4
  for (int32_t i = 0; i < 2 * panels; i++) {
    y[i / 2][i % 2] = load_first(dst + column + i * VECTOR_COLUMNS, held - i * VECTOR_COLUMNS);
  }
  for (int32_t i = 0; i < count; i++) {
    const struct piece *piece = &digits->pieces[i];
    if (piece->digits == 3) {
      add_piece(bits, 3, panels, layout, piece, panel, values, y);
    } else {
      add_piece(bits, 4, panels, layout, piece, panel, values, y);
    }
    values += 8 * piece->octets;
  }
  end_tile(product, is_last, 1, panels, y, dst, 0, column, end);
}

ALWAYS_INLINE void multiply_pieces(int32_t bits, const struct octet_group_matmul *product,
                                   const struct group_layout *layout, const struct digits *digits,
                                   int32_t count, int32_t is_first, int32_t is_last, float *dst,
                                   int32_t column, int32_t end) {
  for (; column < end - PANEL_COLUMNS; column += 2 * PANEL_COLUMNS) {
    multiply_panels(bits, 2, product, layout, digits, count, is_first, is_last, dst, column, end);
  }
  for (; column < end; column += PANEL_COLUMNS) {
    multiply_panels(bits, 1, product, layout, digits, count, is_first, is_last, dst, column, end);
  }
}

/* One row; whether it could be so: if not, what dst holds is of no use. */
ALWAYS_INLINE int32_t multiply_digits(int32_t bits, const struct octet_group_matmul *product, const float *x,
                                      float *dst, int32_t column, int32_t end) {
  const struct group_layout layout = group_layout_of(product);
  struct digits digits;
  int32_t count = 0;
  int32_t filled = 0;
  int32_t is_first = 1;
  for (int32_t g = 0; g < layout.groups; g++) {
    const int32_t first = g * product->group;
    const int32_t rows = product->k - first < product->group ? product->k - first : product->group;
    const int64_t block = g * layout.block;
    for (int32_t i = 0; i < rows; i += PIECE) {
      const int32_t length = rows - i < PIECE ? rows - i : PIECE;
      struct piece *piece = &digits.pieces[count++];
      piece->block = block;
      piece->weights = block + layout.scales + layout.zero_points + i / 8 * layout.octet;
      piece->octets = group_ceil_div(length, 8);
      int32_t sums[MOST_DIGITS];
      piece->digits = split(product->k, x + first + i, length, digits.values[0] + filled, sums, &piece->step);
      if (piece->digits == 0) {
        return 0;
      }
      for (int32_t d = 0; d < MOST_DIGITS; d++) {
        piece->starts[d] = group_start(product, group_factor(product), sums[d]);
      }
      filled += 8 * piece->octets;
      const int32_t is_last = first + i + length == product->k;
      if (is_last || count == MOST_PIECES || filled > DIGITS_K - PIECE) {
        multiply_pieces(bits, product, &layout, &digits, count, is_first, is_last, dst, column, end);
        is_first = count = filled = 0;
      }
    }
  }
  return 1;
}

/* In functions of their own: rows of floats take no stack for digits. */
static __attribute__((noinline)) int32_t multiply_nibbles(const struct octet_group_matmul *product,
                                                          const float *x, float *dst, int32_t column,
                                                          int32_t end) {
  return multiply_digits(4, product, x, dst, column, end);
}

static __attribute__((noinline)) int32_t multiply_bytes(const struct octet_group_matmul *product,
                                                        const float *x, float *dst, int32_t column,
                                                        int32_t end) {
  return multiply_digits(8, product, x, dst, column, end);
}

/* Below 64 k the law's bound has no room for a loss. */
ALWAYS_INLINE int32_t run_digits(int32_t bits, const struct octet_group_matmul *product, const float *x,
                                 float *dst, int32_t rows, int32_t first_column, int32_t columns) {
  if (rows != 1 || product->k < 64) {
    return 0;
  }
  const int32_t end = first_column + columns;
  return bits == 4 ? multiply_nibbles(product, x, dst, first_column, end)
                   : multiply_bytes(product, x, dst, first_column, end);
}
