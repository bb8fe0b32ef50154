/* The products of float rows and weights in block formats: which kernel, how much scratch, and the call. */
#include "block_rows.h"
#include "cpu.h"
#include "group_stack.h"
#include "kernels.h"

int32_t octet_block_matmul_kernel(int32_t tier, int32_t format) {
  if (block_bytes(format) == 0) {
    return -1;
  }
  switch (tier) {
#if defined(__x86_64__)
    case OCTET_ISA_AVX512VNNI:
      return cpu_vbmi_here() ? KERNEL_octet_f32blocks_f32_pg_dynamic_4x32__avx512vbmi
                             : KERNEL_octet_f32blocks_f32_pg_dynamic_4x32__avx512vnni;
    case OCTET_ISA_AVXVNNI:
      return KERNEL_octet_f32blocks_f32_pg_dynamic_4x16__avxvnni;
    case OCTET_ISA_AVX512:
    case OCTET_ISA_AVX2:
      return KERNEL_octet_f32blocks_f32_pg_dynamic_4x16__avx2;
#elif defined(__aarch64__)
    case OCTET_ISA_I8MM:
      return KERNEL_octet_f32blocks_f32_pg_dynamic_4x16__i8mm;
    case OCTET_ISA_DOTPROD:
      return KERNEL_octet_f32blocks_f32_pg_dynamic_4x16__dotprod;
    case OCTET_ISA_NEON:
#endif
    case OCTET_ISA_BASELINE:
      return KERNEL_octet_f32blocks_f32_pg_dynamic_1x16__baseline;
    default:
      return -1;
  }
}

int32_t octet_block_weight_only_matmul_kernel(int32_t tier, int32_t format) {
  if (block_bytes(format) == 0) {
    return -1;
  }
  switch (tier) {
#if defined(__x86_64__)
    case OCTET_ISA_AVX512VNNI:
      return KERNEL_octet_f32blocks_f32_pg_weightonly_12x32__avx512vnni;
#if OCTET_HAS_VNNI
    case OCTET_ISA_AVXVNNI:
#endif
    case OCTET_ISA_AVX512:
    case OCTET_ISA_AVX2:
      return KERNEL_octet_f32blocks_f32_pg_weightonly_6x16__avx2;
#elif defined(__aarch64__)
    case OCTET_ISA_NEON:
    case OCTET_ISA_DOTPROD:
    case OCTET_ISA_I8MM:
#endif
    case OCTET_ISA_BASELINE:
      return KERNEL_octet_f32blocks_f32_pg_weightonly_1x16__baseline;
    default:
      return -1;
  }
}

int64_t octet_block_matmul_scratch_bytes(const struct octet_group_matmul *product, int32_t rows) {
  const struct octet_group_matmul groups = block_groups(product);
  return group_scratch_bytes(block_row_bytes(&groups), rows);
}

void octet_block_matmul_run(const struct octet_group_matmul *product, const void *src, int64_t src_stride,
                            void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                            int32_t columns, void *scratch) {
  if (OCTET_IS_KERNEL(block_dynamic, product->kernel)) {
    const struct octet_group_matmul groups = block_groups(product);
    group_run(OCTET_KERNEL(block_dynamic, product->kernel), block_row_bytes(&groups), product, src,
              src_stride, dst, dst_stride, rows, first_column, columns, scratch);
  }
}

void octet_block_weight_only_matmul_run(const struct octet_group_matmul *product, const void *src,
                                        int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                        int32_t first_column, int32_t columns) {
  if (OCTET_IS_KERNEL(block_weight_only, product->kernel)) {
    block_weight_only *kernel = OCTET_KERNEL(block_weight_only, product->kernel);
    kernel(product, src, src_stride, dst, dst_stride, rows, first_column, columns);
  }
}
