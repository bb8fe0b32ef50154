/* The products of float rows and weights in groups: which kernel, how much scratch, and the call. */
#include "group_stack.h"
#include "kernels.h"

/* Kernels of a tier, for weights of 4 and 8 bits. */
static int32_t choose(int32_t type, int32_t four, int32_t eight) {
  return type == OCTET_S4 || type == OCTET_U4 ? four : type == OCTET_S8 ? eight : -1;
}

int32_t octet_dynamic_group_matmul_kernel(int32_t tier, int32_t type) {
  switch (tier) {
#if defined(__x86_64__)
    case OCTET_ISA_AVX512VNNI:
      return choose(type, KERNEL_octet_f32u4_f32_pg_dynamic_6x32__avx512vnni,
                    KERNEL_octet_f32u8_f32_pg_dynamic_6x32__avx512vnni);
    case OCTET_ISA_AVXVNNI:
      return choose(type, KERNEL_octet_f32u4_f32_pg_dynamic_4x16__avxvnni,
                    KERNEL_octet_f32u8_f32_pg_dynamic_4x16__avxvnni);
    case OCTET_ISA_AVX512:
    case OCTET_ISA_AVX2:
      return choose(type, KERNEL_octet_f32u4_f32_pg_dynamic_4x16__avx2,
                    KERNEL_octet_f32u8_f32_pg_dynamic_4x16__avx2);
#elif defined(__aarch64__)
    case OCTET_ISA_I8MM:
      return choose(type, KERNEL_octet_f32u4_f32_pg_dynamic_4x16__i8mm,
                    KERNEL_octet_f32u8_f32_pg_dynamic_4x16__i8mm);
    case OCTET_ISA_DOTPROD:
      return choose(type, KERNEL_octet_f32u4_f32_pg_dynamic_4x16__dotprod,
                    KERNEL_octet_f32u8_f32_pg_dynamic_4x16__dotprod);
    case OCTET_ISA_NEON:
#endif
    case OCTET_ISA_BASELINE:
      return choose(type, KERNEL_octet_f32u4_f32_pg_dynamic_1x16__baseline,
                    KERNEL_octet_f32u8_f32_pg_dynamic_1x16__baseline);
    default:
      return -1;
  }
}

int32_t octet_weight_only_matmul_kernel(int32_t tier, int32_t type) {
  switch (tier) {
#if defined(__x86_64__)
    case OCTET_ISA_AVX512VNNI:
      return choose(type, KERNEL_octet_f32u4_f32_pg_weightonly_12x32__avx512vnni,
                    KERNEL_octet_f32u8_f32_pg_weightonly_12x32__avx512vnni);
#if OCTET_HAS_VNNI
    case OCTET_ISA_AVXVNNI:
#endif
    case OCTET_ISA_AVX512:
    case OCTET_ISA_AVX2:
      return choose(type, KERNEL_octet_f32u4_f32_pg_weightonly_6x16__avx2,
                    KERNEL_octet_f32u8_f32_pg_weightonly_6x16__avx2);
#elif defined(__aarch64__)
    case OCTET_ISA_NEON:
    case OCTET_ISA_DOTPROD:
    case OCTET_ISA_I8MM:
#endif
    case OCTET_ISA_BASELINE:
      return choose(type, KERNEL_octet_f32u4_f32_pg_weightonly_1x16__baseline,
                    KERNEL_octet_f32u8_f32_pg_weightonly_1x16__baseline);
    default:
      return -1;
  }
}

int64_t octet_dynamic_group_matmul_scratch_bytes(const struct octet_group_matmul *product, int32_t rows) {
  return group_scratch_bytes(group_row_bytes(product), rows);
}

void octet_dynamic_group_matmul_run(const struct octet_group_matmul *product, const void *src,
                                    int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                    int32_t first_column, int32_t columns, void *scratch) {
  /* Before anything is read of the plan: one that is all 0 has groups of 0. */
  if (OCTET_IS_KERNEL(group_dynamic, product->kernel)) {
    group_run(OCTET_KERNEL(group_dynamic, product->kernel), group_row_bytes(product), product, src,
              src_stride, dst, dst_stride, rows, first_column, columns, scratch);
  }
}

void octet_weight_only_matmul_run(const struct octet_group_matmul *product, const void *src,
                                  int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows,
                                  int32_t first_column, int32_t columns) {
  if (OCTET_IS_KERNEL(weight_only, product->kernel)) {
    weight_only *kernel = OCTET_KERNEL(weight_only, product->kernel);
    kernel(product, src, src_stride, dst, dst_stride, rows, first_column, columns);
  }
}
