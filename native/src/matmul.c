/* 8-bit products with fixed weights: which kernel, and the way to it. */
#include "matmul.h"

#include "tiers.h"

/* The packed layouts: panels of [K][16], [K/4][16][4], [K/4][64][4]; [K/4][16][4] of U8, 128 more than S8;
   [K/8][16][8], and as [16][4] what is left of an odd number of fours. */
enum { LAYOUT_16 = 0, LAYOUT_16_BY_4 = 1, LAYOUT_64_BY_4 = 2, LAYOUT_U8_16_BY_4 = 3, LAYOUT_16_BY_8 = 4 };

#define KERNELS_OF(src, tile, isa)                                                                           \
  {                                                                                                          \
    KERNEL_octet_##src##s8_s32_pc_gemm_##tile##__##isa, KERNEL_octet_##src##s8_f32_pc_gemm_##tile##__##isa,  \
        KERNEL_octet_##src##s8_u8_pc_gemm_##tile##__##isa, KERNEL_octet_##src##s8_s8_pc_gemm_##tile##__##isa \
  }
#define KERNELS(tile, isa) \
  { KERNELS_OF(u8, tile, isa), KERNELS_OF(s8, tile, isa) }

/* By tier; U8 and S8 sources; S32, F32, U8 and S8 outputs. */
static const int32_t KERNELS_OF_TIERS[][2][4] = {OCTET_PRODUCTS_BY_TIER(KERNELS)};

#define EPILOGUES(isa)                                                                             \
  {                                                                                                \
    KERNEL_octet_s32_s32_pc_epilogue_60x64__##isa, KERNEL_octet_s32_f32_pc_epilogue_60x64__##isa,  \
        KERNEL_octet_s32_u8_pc_epilogue_60x64__##isa, KERNEL_octet_s32_s8_pc_epilogue_60x64__##isa \
  }

/* By tier; S32, F32, U8 and S8 outputs. */
static const int32_t EPILOGUES_OF_TIERS[][4] = {
    [OCTET_ISA_BASELINE] = EPILOGUES(baseline),
#if defined(__x86_64__)
    [OCTET_ISA_AVX2] = EPILOGUES(avx2),         [OCTET_ISA_AVXVNNI] = EPILOGUES(avx2),
    [OCTET_ISA_AVX512] = EPILOGUES(avx2),       [OCTET_ISA_AVX512VNNI] = EPILOGUES(avx512vnni),
#elif defined(__aarch64__)
    [OCTET_ISA_NEON] = EPILOGUES(baseline),
    [OCTET_ISA_DOTPROD] = EPILOGUES(dotprod),
    [OCTET_ISA_I8MM] = EPILOGUES(dotprod),
#endif
};

int32_t octet_matmul_layout(int32_t tier) {
  switch (tier) {
    case OCTET_ISA_AVX512VNNI:
      return LAYOUT_64_BY_4;
    case OCTET_ISA_AVX2:
    case OCTET_ISA_AVXVNNI:
    case OCTET_ISA_AVX512:
      return LAYOUT_16_BY_4;
    case OCTET_ISA_DOTPROD:
      return LAYOUT_U8_16_BY_4;
    case OCTET_ISA_I8MM:
      return LAYOUT_16_BY_8;
    default:
      return LAYOUT_16;
  }
}

int32_t octet_matmul_panel_columns(int32_t layout) {
  return layout == LAYOUT_64_BY_4 ? 64 : 16;
}

int32_t matmul_k_together(int32_t layout) {
  return layout == LAYOUT_16_BY_8 ? 8 : 4;
}

int64_t octet_matmul_packed_bytes(int32_t layout, int32_t k, int32_t n) {
  const int64_t columns = octet_matmul_panel_columns(layout);
  return ((int64_t)k + 3) / 4 * 4 * ((n + columns - 1) / columns * columns);
}

void octet_matmul_pack(int32_t layout, const void *weights, int32_t type, int32_t transposed, int64_t stride,
                       int32_t k, int32_t first_column, int32_t columns, void *packed, int32_t *sums) {
  matmul_pack_kernel *pack = octet_s8_matmul_pack_4x16__baseline;
#if defined(__x86_64__)
  if (layout == LAYOUT_16_BY_4) {
    pack = octet_s8_matmul_pack_4x16__avx2;
  }
#if OCTET_HAS_VNNI
  if (layout == LAYOUT_64_BY_4) {
    pack = octet_s8_matmul_pack_4x64__avx512vnni;
  }
#endif
#elif defined(__aarch64__)
  if (layout == LAYOUT_U8_16_BY_4) {
    pack = octet_u8_matmul_pack_4x16__neon;
  } else if (layout == LAYOUT_16_BY_8) {
    pack = octet_s8_matmul_pack_8x16__i8mm;
  }
#else
  (void)layout;
#endif
  pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
}

int32_t octet_matmul_kernel(int32_t tier, int32_t src_type, int32_t dst_type) {
  if (!is_tier(tier) || (src_type != OCTET_U8 && src_type != OCTET_S8)) {
    return -1;
  }
  return kernel_of_output(KERNELS_OF_TIERS[tier][src_type == OCTET_S8], dst_type);
}

int32_t octet_epilogue_kernel(int32_t tier, int32_t dst_type) {
  return is_tier(tier) ? kernel_of_output(EPILOGUES_OF_TIERS[tier], dst_type) : -1;
}

void octet_epilogue_run(const struct octet_epilogue *epilogue, const int32_t *sums, int64_t sums_stride,
                        const float *row_scales, const int32_t *row_zero_points, const int32_t *row_sums,
                        void *dst, int64_t dst_stride, int32_t rows, int32_t columns) {
  if (OCTET_IS_KERNEL(epilogue_kernel, epilogue->kernel)) {
    epilogue_kernel *kernel = OCTET_KERNEL(epilogue_kernel, epilogue->kernel);
    kernel(epilogue, sums, sums_stride, row_scales, row_zero_points, row_sums, dst, dst_stride, rows,
           columns);
  }
}

/* What a call needs is small enough for its stack, whatever the sizes are. */
int64_t octet_matmul_scratch_bytes(const struct octet_matmul *product, int32_t rows) {
  (void)product;
  (void)rows;
  return 0;
}

void octet_matmul_run(const struct octet_matmul *product, const void *src, int64_t src_stride,
                      const float *row_scales, const int32_t *row_zero_points, void *dst, int64_t dst_stride,
                      int32_t rows, int32_t first_column, int32_t columns, void *scratch) {
  (void)scratch;
  if (OCTET_IS_KERNEL(matmul_kernel, product->kernel)) {
    matmul_kernel *kernel = OCTET_KERNEL(matmul_kernel, product->kernel);
    kernel(product, src, src_stride, row_scales, row_zero_points, dst, dst_stride, rows, first_column,
           columns);
  }
}
