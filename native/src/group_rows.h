/* Rows of floats quantized by group, as the products of weights in groups read them: where they lie in
   scratch, and how many at a time. */
#ifndef OCTET_GROUP_ROWS_H
#define OCTET_GROUP_ROWS_H

#include "group_layout.h"

enum {
  /* Rows quantized at a time fill half of a 1 MB L2 cache, so that all panels find them there. */
  GROUP_ROWS_BYTES = 512 * 1024,
  /* A multiple of every register tile's rows. */
  GROUP_ROWS_STEP = 12,
  /* Runs that need no more scratch than this take it from the stack. */
  GROUP_STACK_BYTES = 16 * 1024
};

/* From here to its inverse, x * (1 / s) corrected by one fused step is the correctly rounded x / s wherever
   that is 2^-2 or more, and rounds to 0 below: nothing on the way is denormal or overflows. */
#define GROUP_SAFE_SCALE 0x1p-100f

struct group_rows {
  /* [rows][stride], S8; 0 from K on. */
  int8_t *values;
  int64_t stride;
  /* [rows][groups] */
  float *scales;
  /* [rows][groups]: where the sum of a group's products starts, -factor * (sum of the group's values); where
     zero points are packed, the low 16 bits of -(sum), to be multiplied by them. */
  int32_t *starts;
  int32_t groups;
};

static inline int64_t group_row_bytes(const struct octet_group_matmul *product) {
  return group_padded_k(product->k) + 8 * (int64_t)group_ceil_div(product->k, product->group);
}

/* How many rows, of which each takes so much, are quantized at a time, at most. */
static inline int32_t group_rows_at_a_time(int64_t row_bytes) {
  const int64_t steps = GROUP_ROWS_BYTES / row_bytes / GROUP_ROWS_STEP;
  return (int32_t)(steps > 0 ? steps : 1) * GROUP_ROWS_STEP;
}

static inline struct group_rows group_rows_in(const struct octet_group_matmul *product, int32_t rows,
                                              void *scratch) {
  struct group_rows in;
  in.groups = group_ceil_div(product->k, product->group);
  in.stride = group_padded_k(product->k);
  in.values = scratch;
  in.scales = (float *)(void *)(in.values + rows * in.stride);
  in.starts = (int32_t *)(void *)(in.scales + (int64_t)rows * in.groups);
  return in;
}

/* The factor of starts, for kernels whose weights are the unsigned operand as they are packed. */
static inline int32_t group_factor(const struct octet_group_matmul *product) {
  return product->zero_point == OCTET_ZERO_POINTS_PACKED
             ? 0
             : product->zero_point + group_weight_offset(product->type);
}

/* The start of a group's sum of products. */
static inline int32_t group_start(const struct octet_group_matmul *product, int32_t factor, int32_t sum) {
  return product->zero_point == OCTET_ZERO_POINTS_PACKED ? (int32_t)(uint16_t)-sum : -factor * sum;
}

#endif
