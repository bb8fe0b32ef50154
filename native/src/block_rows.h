/* Rows of floats quantized by groups of 32, as the products of weights in block formats read them. */
#ifndef OCTET_BLOCK_ROWS_H
#define OCTET_BLOCK_ROWS_H

#include "block_layout.h"
#include "group_rows.h"

struct block_rows {
  /* Its starts are the sums of the groups. */
  struct group_rows rows;
  /* [rows][groups][scales of a group]: where sums of products start, -offset * (sum of the values). */
  int32_t *starts;
  /* [rows][groups]: f32(scale * sum), which minimums multiply; in the memory of starts. */
  float *sums;
};

/* What quantizes rows reads it. */
static inline struct octet_group_matmul block_groups(const struct octet_group_matmul *product) {
  struct octet_group_matmul groups = *product;
  groups.type = OCTET_U4;
  groups.group = BLOCK_GROUP;
  groups.zero_point = 0;
  return groups;
}

static inline int64_t block_row_bytes(const struct octet_group_matmul *groups) {
  return group_row_bytes(groups) + 8 * (int64_t)(groups->k / BLOCK_GROUP);
}

static inline struct block_rows block_rows_in(const struct octet_group_matmul *groups, int32_t rows,
                                              void *scratch) {
  struct block_rows in;
  in.rows = group_rows_in(groups, rows, scratch);
  in.starts = in.rows.starts + (int64_t)rows * in.rows.groups;
  in.sums = (float *)(void *)in.starts;
  return in;
}

/* From the sums of groups to what kernels begin with; offset is that of their weights. */
static inline void block_finish_rows(int32_t format, int32_t offset, int32_t rows,
                                     const struct block_rows *in) {
  const int32_t groups = in->rows.groups;
  for (int32_t r = 0; r < rows; r++) {
    const int8_t *values = in->rows.values + r * in->rows.stride;
    const int64_t first = (int64_t)r * groups;
    for (int32_t g = 0; g < groups; g++) {
      const int32_t sum = in->rows.starts[first + g];
      if (block_has_minimum(format)) {
        in->sums[first + g] = in->rows.scales[first + g] * (float)sum;
      } else if (block_scales(format) == 1) {
        in->starts[first + g] = -offset * sum;
      } else {
        int32_t half = 0;
        for (int32_t i = 0; i < BLOCK_GROUP / 2; i++) {
          half += values[g * BLOCK_GROUP + i];
        }
        in->starts[2 * (first + g)] = -offset * half;
        in->starts[2 * (first + g) + 1] = -offset * (sum - half);
      }
    }
  }
}

#endif
