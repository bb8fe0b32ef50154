/* What the kernels of 8-bit products share: the sizes they are blocked for and what their loops pass around.
 */
#ifndef OCTET_MATMUL_H
#define OCTET_MATMUL_H

#include "kernels.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* A loop over registers: not one may be left rolled, or the compiler keeps them in memory. */
#define UNROLL _Pragma("GCC unroll 32")

/* Of the caller's memory, which need not be aligned. */
typedef int32_t loose_int __attribute__((aligned(1), may_alias));
typedef float loose_float __attribute__((aligned(1), may_alias));

enum {
  /* Columns that are worked on together, on every tier: one panel of 64 or four of 16. */
  BLOCK_COLUMNS = 64,
  TILE_ROWS = 6,
  /* Longer sums are cut into blocks, so that the weights of 64 columns (64 * K bytes) stay in L2 while rows
     pass. */
  LONGEST_K = 6144,
  K_BLOCK = 4096,
  /* Rows whose sums wait on the stack (15 KB) from one block of K to the next. 60: weights are then read at
     6 GB/s for 750 GOPS. */
  BLOCKED_ROWS = 60,
  /* Rows pass a block of columns in passes that L2 keeps. */
  PASS_BYTES = 512 * 1024,
  MOST_ROWS = 480,
  FEWEST_ROWS = BLOCKED_ROWS
};

/* What is XORed to four bytes of a row, so that they are U8. */
static const uint32_t NO_FLIP = 0;
static const uint32_t FLIP_SIGN = 0x80808080;

/* Some rows times the columns of a block, over some of K. */
struct tile {
  int32_t columns;
  const uint8_t *src;
  int64_t src_stride;
  /* XORed to four bytes of src: makes u8 of s8. Not read by code that defines FLIPS as 0. */
  uint32_t flip;
  /* Fours along K, or along each run. */
  int32_t steps;
  /* K in several runs, each so far from the one before; weights follow each other. Not read by code that
     defines RUNS as 0: there is one then. Several runs have no tails. */
  int32_t runs;
  int64_t run_stride;
  /* Of runs that are three taps each: the steps of one, where the first row may do without the first one and
     the last row without the last one; else 0. */
  int32_t tap_steps;
  /* One incomplete four of each row, flipped; NULL: none. */
  const uint32_t *tails;
  const int8_t *weights;
  /* What is asked for meanwhile: in each step two lines (ahead_step 128), one (64), or always the same (0).
     Not read by code that defines ASKS as 0. */
  const int8_t *ahead;
  int64_t ahead_step;
  /* From one panel of the block to the next, where it has several. */
  int64_t panel_bytes;
  /* What sums start from: a table of columns (stride 0), or the sums so far. */
  const loose_int *start;
  int64_t start_stride;
  loose_int *sums;
  int64_t sums_stride;
};

/* The tables of a block, as `readable` of the tier made them. */
struct column_block {
  const int32_t *offsets;
  /* NULL: no row has a zero point. */
  const int32_t *zero_point_factors;
  /* NULL: all 0. */
  const int32_t *weight_zero_points;
  const float *multipliers;
  const float *bias;
  int32_t columns;
};

/* What the rows of a tile bring to their outputs. */
struct row_terms {
  /* NULL: all 1. */
  const loose_float *scales;
  /* NULL: all 0. */
  const loose_int *zero_points;
  /* Added to the zero points: 128 where the source is S8. */
  int32_t zero_point_shift;
  /* Of u8 along K. */
  const loose_int *sums;
};

ALWAYS_INLINE int32_t zero_point_of(const struct row_terms *terms, int32_t row) {
  return (terms->zero_points == 0 ? 0 : terms->zero_points[row]) + terms->zero_point_shift;
}

/* What all outputs share. */
struct output {
  float low;
  float high;
  int32_t zero_point;
};

/* How many K of a column lie together in a layout of packed weights: parts of K that are packed one by one
   have multiples of it. */
int32_t matmul_k_together(int32_t layout);

ALWAYS_INLINE int32_t at_most(int32_t a, int32_t b) {
  return a < b ? a : b;
}

/* Of a number from 0 to INT32_MAX: it has no room for an addend. */
ALWAYS_INLINE int32_t divided_up(int32_t a, int32_t b) {
  return a / b + (a % b != 0);
}

/* The first of equal shares, none more than a limit: 16 rows are 6, 5 and 5, not 6, 6 and 4. */
ALWAYS_INLINE int32_t share(int32_t count, int32_t limit) {
  return count <= limit ? count : divided_up(count, divided_up(count, limit));
}

/* What -0 is turned into by the bound +0 from below, and +0 by the bound -0 from above: addends (and bits)
   that leave everything else alone. max and min of the CPU do not tell zeros apart. */
ALWAYS_INLINE int is_minus_zero(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits == UINT32_C(1) << 31;
}

ALWAYS_INLINE float zero_from_below(float low) {
  return low == 0 && !is_minus_zero(low) ? 0.0f : -0.0f;
}

ALWAYS_INLINE float zero_from_above(float high) {
  return is_minus_zero(high) ? -0.0f : 0.0f;
}

#endif
