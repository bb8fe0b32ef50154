/* Float rows times 8-bit weights with scales per column: rows are quantized, so many at a time that the
   product finds them in the second cache. */
#include "kernels.h"

enum {
  /* Half of a 1 MB L2 cache. */
  ROWS_BYTES = 512 * 1024,
  /* Fewer rows than this do not pay for reading the weights once more. */
  LEAST_ROWS = 60,
  /* Runs that need no more scratch than this take it from the stack. */
  STACK_BYTES = 16 * 1024
};

/* A row and its two parameters. */
static int64_t row_bytes(const struct octet_matmul *product) {
  return product->k + (int64_t)sizeof(float) + (int64_t)sizeof(int32_t);
}

static int32_t rows_at_a_time(const struct octet_matmul *product, int32_t rows) {
  const int64_t most = ROWS_BYTES / row_bytes(product);
  return most >= rows ? rows : most > LEAST_ROWS ? (int32_t)most : rows < LEAST_ROWS ? rows : LEAST_ROWS;
}

int64_t octet_dynamic_matmul_scratch_bytes(const struct octet_dynamic_matmul *plan, int32_t rows) {
  const int64_t bytes = rows_at_a_time(&plan->product, rows) * row_bytes(&plan->product);
  return bytes <= STACK_BYTES ? 0 : bytes;
}

static void run(const struct octet_dynamic_matmul *plan, const void *src, int64_t src_stride, void *dst,
                int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns, void *scratch) {
  const int64_t k = plan->product.k;
  const int32_t at_a_time = rows_at_a_time(&plan->product, rows);
  float *scales = scratch;
  int32_t *zero_points = (int32_t *)(void *)(scales + at_a_time);
  uint8_t *values = (uint8_t *)(void *)(zero_points + at_a_time);
  for (int32_t row = 0; row < rows; row += at_a_time) {
    const int32_t count = rows - row < at_a_time ? rows - row : at_a_time;
    for (int32_t r = 0; r < count; r++) {
      octet_dynamic_quantize_run(plan->kernel_of_range, plan->kernel_of_quantize,
                                 (const float *)src + (row + r) * src_stride, values + r * k, scales + r,
                                 zero_points + r, 1, k);
    }
    /* The product needs no scratch of its own, whatever its sizes are. */
    octet_matmul_run(&plan->product, values, k, scales, zero_points, (float *)dst + row * dst_stride,
                     dst_stride, count, first_column, columns, 0);
  }
}

/* In a function of its own: where scratch is given, no stack is taken. */
static __attribute__((noinline)) void run_on_the_stack(const struct octet_dynamic_matmul *plan,
                                                       const void *src, int64_t src_stride, void *dst,
                                                       int64_t dst_stride, int32_t rows, int32_t first_column,
                                                       int32_t columns) {
  _Alignas(64) uint8_t scratch[STACK_BYTES];
  run(plan, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
}

void octet_dynamic_matmul_run(const struct octet_dynamic_matmul *plan, const void *src, int64_t src_stride,
                              void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                              int32_t columns, void *scratch) {
  if (!OCTET_IS_KERNEL(range_kernel, plan->kernel_of_range) ||
      !OCTET_IS_KERNEL(quantize_kernel, plan->kernel_of_quantize) ||
      !OCTET_IS_KERNEL(matmul_kernel, plan->product.kernel)) {
    return;
  }
  if (octet_dynamic_matmul_scratch_bytes(plan, rows) == 0) {
    run_on_the_stack(plan, src, src_stride, dst, dst_stride, rows, first_column, columns);
  } else {
    run(plan, src, src_stride, dst, dst_stride, rows, first_column, columns, scratch);
  }
}
