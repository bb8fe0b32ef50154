/* One float row times weights in block formats that stay integers, which the row becomes too: float_digits.h.
   Each 32 of the row have digits of their own; a row with a float too small for those of its 32, or that is
   not mild, is left to float arithmetic. Included after block_weight_only.inc.h and block_products.inc.h, for
   dot products that take weights as block_layout.h has them. */
#include "float_digits.h"

struct block_digits {
  /* 3 or 4, for each group; the float of an integer 1; the sum of its floats. */
  int32_t counts[SLICE_GROUPS];
  float steps[SLICE_GROUPS];
  float sums[SLICE_GROUPS];
  /* Where sums of products start, for each digit and scale of a group. */
  int32_t starts[SLICE_GROUPS][MOST_DIGITS][2];
  int8_t values[MOST_DIGITS][DIGITS_K];
};

_Static_assert((int32_t)SLICE == (int32_t)DIGITS_K, "a slice is as long as there is room for digits");

/* The digits of a slice of a row; 0 if it cannot be so. */
static int32_t split_slice(int32_t format, int32_t k, const float *x, int32_t groups,
                           struct block_digits *to) {
  const int32_t offset = operand_offset(format);
  sum_groups(x, groups, to->sums);
  for (int32_t g = 0; g < groups; g++) {
    int8_t *values = to->values[0] + g * BLOCK_GROUP;
    int32_t sums[MOST_DIGITS];
    to->counts[g] = split(k, x + g * BLOCK_GROUP, BLOCK_GROUP, values, sums, &to->steps[g]);
    if (to->counts[g] == 0) {
      return 0;
    }
    for (int32_t d = 0; d < MOST_DIGITS; d++) {
      int32_t first = sums[d];
      if (block_scales(format) == 2) {
        first = 0;
        for (int32_t i = 0; i < BLOCK_GROUP / 2; i++) {
          first += values[d * DIGITS_K + i];
        }
      }
      to->starts[g][d][0] = -offset * first;
      to->starts[g][d][1] = -offset * (sums[d] - first);
    }
  }
  return 1;
}

/* A group's sums of products with two panels, scaled, added to y; digits is a constant. */
ALWAYS_INLINE void add_group(int32_t format, int32_t digits, const struct block_digits *from, int32_t g,
                             const uint8_t *head, const uint8_t *at, int64_t panel_bytes, lanes table,
                             floats y[][2]) {
  const int32_t steps = block_scales(format);
#pragma GCC unroll 2
  for (int32_t p = 0; p < 2; p++) {
    const uint8_t *scales = at + p * panel_bytes;
    const uint8_t *its_head = head + p * panel_bytes;
    ask_for(scales, block_group_bytes(format) * PANEL_COLUMNS, OCTET_AHEAD);
#pragma GCC unroll 2
    for (int32_t step = 0; step < steps; step++) {
      lanes sums[MOST_DIGITS][2];
#pragma GCC unroll 4
      for (int32_t d = 0; d < digits; d++) {
        sums[d][0] = sums[d][1] = lanes_of(from->starts[g][d][step]);
      }
      multiply_octets(format, digits, sums, table, scales + block_scale_bytes(format) * PANEL_COLUMNS,
                      step * OCTETS / steps, (step + 1) * OCTETS / steps, from->values[0] + g * BLOCK_GROUP,
                      DIGITS_K);
#pragma GCC unroll 2
      for (int32_t v = 0; v < 2; v++) {
        const int32_t c = v * VECTOR_COLUMNS;
        floats sum = floats_of_lanes(sums[digits - 1][v]);
#pragma GCC unroll 4
        for (int32_t d = digits - 2; d >= 0; d--) {
          sum = fused(sum, floats_of(256), floats_of_lanes(sums[d][v]));
        }
        const floats scale =
            scales_of(format, its_head, g, scales, step, c, load_head(format, its_head, 0, c));
        y[p][v] = fused(multiplied(sum, floats_of(from->steps[g])), scale, y[p][v]);
      }
    }
    if (block_has_minimum(format)) {
#pragma GCC unroll 2
      for (int32_t v = 0; v < 2; v++) {
        const int32_t c = v * VECTOR_COLUMNS;
        const floats minimum = minimums_of(format, scales, c, load_head(format, its_head, 1, c));
        y[p][v] = fused(minimum, floats_of(from->sums[g]), y[p][v]);
      }
    }
  }
}

/* Two panels: adds a slice to what dst holds, or begins with it; the last one finishes the results. Where
   there is only one, it stands for both, and the second result goes nowhere: half the code for little time,
   as two panels share what is loaded of the row. */
ALWAYS_INLINE void multiply_panels(int32_t format, const struct octet_group_matmul *product,
                                   const struct slice *slice, const struct block_digits *digits, float *dst,
                                   int32_t column, int32_t end) {
  const int64_t panel_bytes =
      column < end - PANEL_COLUMNS ? block_panel_bytes(format, product->k, PANEL_COLUMNS) : 0;
  const lanes table = table_of(format);
  const int32_t held = slice->first == 0 ? 0 : end - column;
  const uint8_t *at = slice_at(format, product, slice, column);
  const uint8_t *head = at;
  floats y[2][2];
#pragma GCC unroll 4
  for (int32_t i = 0; i < 4; i++) {
    y[i / 2][i % 2] = load_first(dst + column + i * VECTOR_COLUMNS, held - i * VECTOR_COLUMNS);
  }
  for (int32_t g = 0; g < slice->groups; g++) {
    if (g % block_stretch(format) == 0) {
      head = at;
      at += block_head_bytes(format) * PANEL_COLUMNS;
    }
    if (digits->counts[g] == 3) {
      add_group(format, 3, digits, g, head, at, panel_bytes, table, y);
    } else {
      add_group(format, 4, digits, g, head, at, panel_bytes, table, y);
    }
    at += block_group_bytes(format) * PANEL_COLUMNS;
  }
  end_tile(product, slice->is_last, 1, 2, y, dst, 0, column, end);
}

/* One row; whether it could be so: if not, what dst holds is of no use. Below 64 k the law's bound has no
   room for a loss. */
ALWAYS_INLINE int32_t multiply_digits(int32_t format, const struct octet_group_matmul *product,
                                      const float *x, float *dst, int32_t first_column, int32_t end) {
  if (product->k < 64) {
    return 0;
  }
  struct block_digits digits;
  for (int32_t first = 0; first < product->k; first += SLICE) {
    const struct slice slice = slice_from(product, first);
    if (!split_slice(format, product->k, x + first, slice.groups, &digits)) {
      return 0;
    }
    for (int32_t column = first_column; column < end; column += 2 * PANEL_COLUMNS) {
      multiply_panels(format, product, &slice, &digits, dst, column, end);
    }
  }
  return 1;
}

/* Each format in a function of its own, which alone takes stack for digits. */
#define OCTET_BLOCK_DIGITS(format)                                                                         \
  static __attribute__((noinline)) int32_t multiply_##format(                                              \
      const struct octet_group_matmul *product, const float *x, float *dst, int32_t column, int32_t end) { \
    return multiply_digits(OCTET_BLOCK_##format, product, x, dst, column, end);                            \
  }

OCTET_BLOCK_FORMATS(OCTET_BLOCK_DIGITS)

static int32_t run_digits(const struct octet_group_matmul *product, const void *src, void *dst,
                          int32_t first_column, int32_t columns) {
#define OCTET_DIGITS_CASE(format) \
  case OCTET_BLOCK_##format:      \
    return multiply_##format(product, src, dst, first_column, first_column + columns);
  switch (product->type) {
    OCTET_BLOCK_FORMATS(OCTET_DIGITS_CASE)
    default:
      return 0;
  }
}
