/* A run of products of weights in block formats: rows are quantized once for all weights that share them. */
#ifndef OCTET_BLOCK_RUN_H
#define OCTET_BLOCK_RUN_H

#include "block_rows.h"
#include "kernels.h"

/* By which the weights that a kernel multiplies are more than those of the format. */
typedef int32_t block_operand_offset(int32_t format);

/* Multiplies rows that are quantized; dst is where the first row has column 0 of the product. */
typedef void block_multiply(const struct octet_group_matmul *product, const struct block_rows *from,
                            int32_t rows, float *dst, int64_t dst_stride, int32_t column, int32_t end);

/* Of the kernel for VNNI, which the one for VBMI lends. */
block_multiply block_multiply_vnni;

static inline void block_run(group_quantize *quantize, block_operand_offset *offset, block_multiply *kernel,
                             const struct octet_group_matmul *product, const void *src, int64_t src_stride,
                             void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                             int32_t columns, void *scratch) {
  const struct octet_group_matmul groups = block_groups(product);
  const int32_t at_a_time = group_rows_at_a_time(block_row_bytes(&groups));
  for (int32_t row = 0; row < rows; row += at_a_time) {
    const int32_t count = rows - row < at_a_time ? rows - row : at_a_time;
    const struct block_rows from = block_rows_in(&groups, count, scratch);
    quantize(&groups, -1, (const float *)src + row * src_stride, src_stride, count, &from.rows);
    float *to = (float *)dst + row * dst_stride;
    int32_t column = first_column;
    int32_t end = first_column + columns;
    for (const struct octet_group_matmul *part = product; part && end > 0; part = part->next) {
      if (column < part->n && column < end) {
        block_finish_rows(part->type, offset(part->type), count, &from);
        kernel(part, &from, count, to, dst_stride, column, end < part->n ? end : part->n);
      }
      to += part->n;
      column = column < part->n ? 0 : column - part->n;
      end -= part->n;
    }
  }
}

#endif
