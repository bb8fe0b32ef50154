/* Calls of kernels that quantize rows by group: with scratch of the caller, or a little of the stack. */
#ifndef OCTET_GROUP_STACK_H
#define OCTET_GROUP_STACK_H

#include "group_rows.h"
#include "kernels.h"

/* What a run of so many rows needs, of which each takes so much; 0: the stack is enough. */
static inline int64_t group_scratch_bytes(int64_t row_bytes, int32_t rows) {
  const int32_t most = group_rows_at_a_time(row_bytes);
  const int64_t bytes = row_bytes * (rows < most ? rows : most);
  return bytes <= GROUP_STACK_BYTES ? 0 : bytes;
}

/* In a function of its own: where scratch is given, no stack is taken. */
static __attribute__((noinline)) void group_run_on_the_stack(group_dynamic *kernel,
                                                             const struct octet_group_matmul *product,
                                                             const void *src, int64_t src_stride, void *dst,
                                                             int64_t dst_stride, int32_t rows,
                                                             int32_t first_column, int32_t columns) {
  _Alignas(64) uint8_t scratch[GROUP_STACK_BYTES];
  kernel(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

static inline void group_run(group_dynamic *kernel, int64_t row_bytes,
                             const struct octet_group_matmul *product, const void *src, int64_t src_stride,
                             void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                             int32_t columns, void *scratch) {
  if (group_scratch_bytes(row_bytes, rows) == 0) {
    group_run_on_the_stack(kernel, product, src, src_stride, dst, dst_stride, rows, first_column, columns);
  } else {
    kernel(product, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
  }
}

#endif
