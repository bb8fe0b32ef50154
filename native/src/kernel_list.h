/* Every kernel of the library, once, family by family: prototypes, the table that calls them, their names,
   the numbers of a family and the check of the shipped symbols are made of this list. A family is the type of
   its functions, in kernels.h; its kernels are numbered one after the other, so that one compare tells their
   numbers from all others. X(family, name); X86, VNNI and ARM likewise, for what only x86-64 has, x86-64
   but for macOS, and 64-bit Arm. Names: native/README.md. */
#ifndef OCTET_KERNEL_LIST_H
#define OCTET_KERNEL_LIST_H

#define OCTET_COLUMN_TABLES_KERNELS(X, X86, VNNI, ARM)                  \
  X(column_tables_kernel, octet_s32_f32_pc_column_tables_1x1__baseline) \
  X86(column_tables_kernel, octet_s32_f32_pc_column_tables_1x8__avx2)   \
  VNNI(column_tables_kernel, octet_s32_f32_pc_column_tables_1x16__avx512vnni)

#define OCTET_MATMUL_KERNELS(X, X86, VNNI, ARM)                \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__baseline)      \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__baseline)      \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__baseline)       \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__baseline)       \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__baseline)      \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__baseline)      \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__baseline)       \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__baseline)       \
  X86(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__avx2)        \
  X86(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__avx2)        \
  X86(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__avx2)         \
  X86(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__avx2)         \
  X86(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__avx2)        \
  X86(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__avx2)        \
  X86(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__avx2)         \
  X86(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__avx2)         \
  VNNI(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__avxvnni)    \
  VNNI(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__avxvnni)    \
  VNNI(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__avxvnni)     \
  VNNI(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__avxvnni)     \
  VNNI(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__avxvnni)    \
  VNNI(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__avxvnni)    \
  VNNI(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__avxvnni)     \
  VNNI(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__avxvnni)     \
  VNNI(matmul_kernel, octet_u8s8_s32_pc_gemm_6x64__avx512vnni) \
  VNNI(matmul_kernel, octet_u8s8_f32_pc_gemm_6x64__avx512vnni) \
  VNNI(matmul_kernel, octet_u8s8_u8_pc_gemm_6x64__avx512vnni)  \
  VNNI(matmul_kernel, octet_u8s8_s8_pc_gemm_6x64__avx512vnni)  \
  VNNI(matmul_kernel, octet_s8s8_s32_pc_gemm_6x64__avx512vnni) \
  VNNI(matmul_kernel, octet_s8s8_f32_pc_gemm_6x64__avx512vnni) \
  VNNI(matmul_kernel, octet_s8s8_u8_pc_gemm_6x64__avx512vnni)  \
  VNNI(matmul_kernel, octet_s8s8_s8_pc_gemm_6x64__avx512vnni)  \
  ARM(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__dotprod)     \
  ARM(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__dotprod)     \
  ARM(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__dotprod)      \
  ARM(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__dotprod)      \
  ARM(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__dotprod)     \
  ARM(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__dotprod)     \
  ARM(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__dotprod)      \
  ARM(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__dotprod)      \
  ARM(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__i8mm)        \
  ARM(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__i8mm)        \
  ARM(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__i8mm)         \
  ARM(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__i8mm)         \
  ARM(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__i8mm)        \
  ARM(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__i8mm)        \
  ARM(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__i8mm)         \
  ARM(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__i8mm)

#define OCTET_CONV2D_KERNELS(X, X86, VNNI, ARM)                  \
  X(conv2d_kernel, octet_u8s8_s32_pc_conv2d_6x16__baseline)      \
  X(conv2d_kernel, octet_u8s8_f32_pc_conv2d_6x16__baseline)      \
  X(conv2d_kernel, octet_u8s8_u8_pc_conv2d_6x16__baseline)       \
  X(conv2d_kernel, octet_u8s8_s8_pc_conv2d_6x16__baseline)       \
  X(conv2d_kernel, octet_s8s8_s32_pc_conv2d_6x16__baseline)      \
  X(conv2d_kernel, octet_s8s8_f32_pc_conv2d_6x16__baseline)      \
  X(conv2d_kernel, octet_s8s8_u8_pc_conv2d_6x16__baseline)       \
  X(conv2d_kernel, octet_s8s8_s8_pc_conv2d_6x16__baseline)       \
  X86(conv2d_kernel, octet_u8s8_s32_pc_conv2d_6x16__avx2)        \
  X86(conv2d_kernel, octet_u8s8_f32_pc_conv2d_6x16__avx2)        \
  X86(conv2d_kernel, octet_u8s8_u8_pc_conv2d_6x16__avx2)         \
  X86(conv2d_kernel, octet_u8s8_s8_pc_conv2d_6x16__avx2)         \
  X86(conv2d_kernel, octet_s8s8_s32_pc_conv2d_6x16__avx2)        \
  X86(conv2d_kernel, octet_s8s8_f32_pc_conv2d_6x16__avx2)        \
  X86(conv2d_kernel, octet_s8s8_u8_pc_conv2d_6x16__avx2)         \
  X86(conv2d_kernel, octet_s8s8_s8_pc_conv2d_6x16__avx2)         \
  VNNI(conv2d_kernel, octet_u8s8_s32_pc_conv2d_6x16__avxvnni)    \
  VNNI(conv2d_kernel, octet_u8s8_f32_pc_conv2d_6x16__avxvnni)    \
  VNNI(conv2d_kernel, octet_u8s8_u8_pc_conv2d_6x16__avxvnni)     \
  VNNI(conv2d_kernel, octet_u8s8_s8_pc_conv2d_6x16__avxvnni)     \
  VNNI(conv2d_kernel, octet_s8s8_s32_pc_conv2d_6x16__avxvnni)    \
  VNNI(conv2d_kernel, octet_s8s8_f32_pc_conv2d_6x16__avxvnni)    \
  VNNI(conv2d_kernel, octet_s8s8_u8_pc_conv2d_6x16__avxvnni)     \
  VNNI(conv2d_kernel, octet_s8s8_s8_pc_conv2d_6x16__avxvnni)     \
  VNNI(conv2d_kernel, octet_u8s8_s32_pc_conv2d_6x64__avx512vnni) \
  VNNI(conv2d_kernel, octet_u8s8_f32_pc_conv2d_6x64__avx512vnni) \
  VNNI(conv2d_kernel, octet_u8s8_u8_pc_conv2d_6x64__avx512vnni)  \
  VNNI(conv2d_kernel, octet_u8s8_s8_pc_conv2d_6x64__avx512vnni)  \
  VNNI(conv2d_kernel, octet_s8s8_s32_pc_conv2d_6x64__avx512vnni) \
  VNNI(conv2d_kernel, octet_s8s8_f32_pc_conv2d_6x64__avx512vnni) \
  VNNI(conv2d_kernel, octet_s8s8_u8_pc_conv2d_6x64__avx512vnni)  \
  VNNI(conv2d_kernel, octet_s8s8_s8_pc_conv2d_6x64__avx512vnni)  \
  ARM(conv2d_kernel, octet_u8s8_s32_pc_conv2d_6x16__dotprod)     \
  ARM(conv2d_kernel, octet_u8s8_f32_pc_conv2d_6x16__dotprod)     \
  ARM(conv2d_kernel, octet_u8s8_u8_pc_conv2d_6x16__dotprod)      \
  ARM(conv2d_kernel, octet_u8s8_s8_pc_conv2d_6x16__dotprod)      \
  ARM(conv2d_kernel, octet_s8s8_s32_pc_conv2d_6x16__dotprod)     \
  ARM(conv2d_kernel, octet_s8s8_f32_pc_conv2d_6x16__dotprod)     \
  ARM(conv2d_kernel, octet_s8s8_u8_pc_conv2d_6x16__dotprod)      \
  ARM(conv2d_kernel, octet_s8s8_s8_pc_conv2d_6x16__dotprod)      \
  ARM(conv2d_kernel, octet_u8s8_s32_pc_conv2d_6x16__i8mm)        \
  ARM(conv2d_kernel, octet_u8s8_f32_pc_conv2d_6x16__i8mm)        \
  ARM(conv2d_kernel, octet_u8s8_u8_pc_conv2d_6x16__i8mm)         \
  ARM(conv2d_kernel, octet_u8s8_s8_pc_conv2d_6x16__i8mm)         \
  ARM(conv2d_kernel, octet_s8s8_s32_pc_conv2d_6x16__i8mm)        \
  ARM(conv2d_kernel, octet_s8s8_f32_pc_conv2d_6x16__i8mm)        \
  ARM(conv2d_kernel, octet_s8s8_u8_pc_conv2d_6x16__i8mm)         \
  ARM(conv2d_kernel, octet_s8s8_s8_pc_conv2d_6x16__i8mm)

#define OCTET_EPILOGUE_KERNELS(X, X86, VNNI, ARM)                    \
  X(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__baseline)      \
  X(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__baseline)      \
  X(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__baseline)       \
  X(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__baseline)       \
  X86(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__avx2)        \
  X86(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__avx2)        \
  X86(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__avx2)         \
  X86(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__avx2)         \
  VNNI(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__avx512vnni) \
  VNNI(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__avx512vnni) \
  VNNI(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__avx512vnni)  \
  VNNI(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__avx512vnni)  \
  ARM(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__dotprod)     \
  ARM(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__dotprod)     \
  ARM(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__dotprod)      \
  ARM(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__dotprod)

#define OCTET_MATMUL_PACK_KERNELS(X, X86, VNNI, ARM)              \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x16__baseline)      \
  X86(matmul_pack_kernel, octet_s8_matmul_pack_4x16__avx2)        \
  VNNI(matmul_pack_kernel, octet_s8_matmul_pack_4x64__avx512vnni) \
  ARM(matmul_pack_kernel, octet_u8_matmul_pack_4x16__neon)        \
  ARM(matmul_pack_kernel, octet_s8_matmul_pack_8x16__i8mm)

#define OCTET_QUANTIZE_KERNELS(X, X86, VNNI, ARM)                  \
  X(quantize_kernel, octet_f32_u8_pt_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_s8_pt_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_u4_pt_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_s4_pt_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_u8_pc_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_s8_pc_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_u4_pc_quantize_1x1__baseline)       \
  X(quantize_kernel, octet_f32_s4_pc_quantize_1x1__baseline)       \
  X86(quantize_kernel, octet_f32_u8_pt_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_s8_pt_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_u4_pt_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_s4_pt_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_u8_pc_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_s8_pc_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_u4_pc_quantize_1x32__avx2)        \
  X86(quantize_kernel, octet_f32_s4_pc_quantize_1x32__avx2)        \
  VNNI(quantize_kernel, octet_f32_u8_pt_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_s8_pt_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_u4_pt_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_s4_pt_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_u8_pc_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_s8_pc_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_u4_pc_quantize_1x64__avx512vnni) \
  VNNI(quantize_kernel, octet_f32_s4_pc_quantize_1x64__avx512vnni)

#define OCTET_DEQUANTIZE_KERNELS(X, X86, VNNI, ARM)                    \
  X(dequantize_kernel, octet_u8_f32_pt_dequantize_1x1__baseline)       \
  X(dequantize_kernel, octet_s8_f32_pt_dequantize_1x1__baseline)       \
  X(dequantize_kernel, octet_u8_f32_pc_dequantize_1x1__baseline)       \
  X(dequantize_kernel, octet_s8_f32_pc_dequantize_1x1__baseline)       \
  X86(dequantize_kernel, octet_u8_f32_pt_dequantize_1x32__avx2)        \
  X86(dequantize_kernel, octet_s8_f32_pt_dequantize_1x32__avx2)        \
  X86(dequantize_kernel, octet_u8_f32_pc_dequantize_1x32__avx2)        \
  X86(dequantize_kernel, octet_s8_f32_pc_dequantize_1x32__avx2)        \
  VNNI(dequantize_kernel, octet_u8_f32_pt_dequantize_1x64__avx512vnni) \
  VNNI(dequantize_kernel, octet_s8_f32_pt_dequantize_1x64__avx512vnni) \
  VNNI(dequantize_kernel, octet_u8_f32_pc_dequantize_1x64__avx512vnni) \
  VNNI(dequantize_kernel, octet_s8_f32_pc_dequantize_1x64__avx512vnni)

#define OCTET_RANGE_KERNELS(X, X86, VNNI, ARM)          \
  X(range_kernel, octet_f32_f32_pt_range_1x1__baseline) \
  X86(range_kernel, octet_f32_f32_pt_range_1x32__avx2)  \
  VNNI(range_kernel, octet_f32_f32_pt_range_1x64__avx512vnni)

#define OCTET_REQUANTIZE_KERNELS(X, X86, VNNI, ARM)                    \
  X(requantize_kernel, octet_s32_u8_pt_requantize_1x1__baseline)       \
  X(requantize_kernel, octet_s32_s8_pt_requantize_1x1__baseline)       \
  X(requantize_kernel, octet_s32_u8_pc_requantize_1x1__baseline)       \
  X(requantize_kernel, octet_s32_s8_pc_requantize_1x1__baseline)       \
  X86(requantize_kernel, octet_s32_u8_pt_requantize_1x32__avx2)        \
  X86(requantize_kernel, octet_s32_s8_pt_requantize_1x32__avx2)        \
  X86(requantize_kernel, octet_s32_u8_pc_requantize_1x32__avx2)        \
  X86(requantize_kernel, octet_s32_s8_pc_requantize_1x32__avx2)        \
  VNNI(requantize_kernel, octet_s32_u8_pt_requantize_1x64__avx512vnni) \
  VNNI(requantize_kernel, octet_s32_s8_pt_requantize_1x64__avx512vnni) \
  VNNI(requantize_kernel, octet_s32_u8_pc_requantize_1x64__avx512vnni) \
  VNNI(requantize_kernel, octet_s32_s8_pc_requantize_1x64__avx512vnni)

#define OCTET_BINARY_KERNELS(X, X86, VNNI, ARM)                   \
  X(binary_kernel, octet_u8u8_u8_pt_add_1x1__baseline)            \
  X(binary_kernel, octet_s8s8_s8_pt_add_1x1__baseline)            \
  X(binary_kernel, octet_u8u8_u8_pt_multiply_1x1__baseline)       \
  X(binary_kernel, octet_s8s8_s8_pt_multiply_1x1__baseline)       \
  X(binary_kernel, octet_u8u8_u8_pt_maximum_1x1__baseline)        \
  X(binary_kernel, octet_s8s8_s8_pt_maximum_1x1__baseline)        \
  X(binary_kernel, octet_u8u8_u8_pt_divide_1x1__baseline)         \
  X(binary_kernel, octet_s8s8_s8_pt_divide_1x1__baseline)         \
  X86(binary_kernel, octet_u8u8_u8_pt_add_1x32__avx2)             \
  X86(binary_kernel, octet_s8s8_s8_pt_add_1x32__avx2)             \
  X86(binary_kernel, octet_u8u8_u8_pt_multiply_1x32__avx2)        \
  X86(binary_kernel, octet_s8s8_s8_pt_multiply_1x32__avx2)        \
  X86(binary_kernel, octet_u8u8_u8_pt_maximum_1x32__avx2)         \
  X86(binary_kernel, octet_s8s8_s8_pt_maximum_1x32__avx2)         \
  X86(binary_kernel, octet_u8u8_u8_pt_divide_1x32__avx2)          \
  X86(binary_kernel, octet_s8s8_s8_pt_divide_1x32__avx2)          \
  VNNI(binary_kernel, octet_u8u8_u8_pt_add_1x64__avx512vnni)      \
  VNNI(binary_kernel, octet_s8s8_s8_pt_add_1x64__avx512vnni)      \
  VNNI(binary_kernel, octet_u8u8_u8_pt_multiply_1x64__avx512vnni) \
  VNNI(binary_kernel, octet_s8s8_s8_pt_multiply_1x64__avx512vnni) \
  VNNI(binary_kernel, octet_u8u8_u8_pt_maximum_1x64__avx512vnni)  \
  VNNI(binary_kernel, octet_s8s8_s8_pt_maximum_1x64__avx512vnni)  \
  VNNI(binary_kernel, octet_u8u8_u8_pt_divide_1x64__avx512vnni)   \
  VNNI(binary_kernel, octet_s8s8_s8_pt_divide_1x64__avx512vnni)

#define OCTET_POOL_KERNELS(X, X86, VNNI, ARM)                     \
  X(pool_kernel, octet_u8_u8_pt_max_pool_1x64__baseline)          \
  X(pool_kernel, octet_s8_s8_pt_max_pool_1x64__baseline)          \
  X(pool_kernel, octet_u8_u8_pt_average_pool_1x64__baseline)      \
  X(pool_kernel, octet_s8_s8_pt_average_pool_1x64__baseline)      \
  X86(pool_kernel, octet_u8_u8_pt_max_pool_1x32__avx2)            \
  X86(pool_kernel, octet_s8_s8_pt_max_pool_1x32__avx2)            \
  X86(pool_kernel, octet_u8_u8_pt_average_pool_1x32__avx2)        \
  X86(pool_kernel, octet_s8_s8_pt_average_pool_1x32__avx2)        \
  VNNI(pool_kernel, octet_u8_u8_pt_max_pool_1x64__avx512vnni)     \
  VNNI(pool_kernel, octet_s8_s8_pt_max_pool_1x64__avx512vnni)     \
  VNNI(pool_kernel, octet_u8_u8_pt_average_pool_1x64__avx512vnni) \
  VNNI(pool_kernel, octet_s8_s8_pt_average_pool_1x64__avx512vnni)

#define OCTET_LOOKUP_KERNELS(X, X86, VNNI, ARM)         \
  X(lookup_kernel, octet_u8_u8_pt_lookup_1x1__baseline) \
  X86(lookup_kernel, octet_u8_u8_pt_lookup_1x32__avx2)  \
  VNNI(lookup_kernel, octet_u8_u8_pt_lookup_1x64__avx512vbmi)

#define OCTET_COPY_KERNELS(X, X86, VNNI, ARM)        \
  X(copy_kernel, octet_u8_u8_pt_copy_1x16__baseline) \
  X86(copy_kernel, octet_u8_u8_pt_copy_1x32__avx2)   \
  VNNI(copy_kernel, octet_u8_u8_pt_copy_1x64__avx512vnni)

#define OCTET_TRANSPOSE_KERNELS(X, X86, VNNI, ARM)            \
  X(transpose_kernel, octet_u8_u8_pt_transpose_1x1__baseline) \
  X86(transpose_kernel, octet_u8_u8_pt_transpose_16x16__avx2)

#define OCTET_NEAREST_KERNELS(X, X86, VNNI, ARM)                  \
  X(nearest_kernel, octet_u8_u8_pt_nearest_resize_1x16__baseline) \
  X86(nearest_kernel, octet_u8_u8_pt_nearest_resize_1x16__avx2)

#define OCTET_LINEAR_KERNELS(X, X86, VNNI, ARM)                      \
  X(linear_kernel, octet_u8_u8_pt_linear_resize_1x16__baseline)      \
  X(linear_kernel, octet_s8_s8_pt_linear_resize_1x16__baseline)      \
  X86(linear_kernel, octet_u8_u8_pt_linear_resize_1x16__avx2)        \
  X86(linear_kernel, octet_s8_s8_pt_linear_resize_1x16__avx2)        \
  VNNI(linear_kernel, octet_u8_u8_pt_linear_resize_1x16__avx512vnni) \
  VNNI(linear_kernel, octet_s8_s8_pt_linear_resize_1x16__avx512vnni)

#define OCTET_GROUP_QUANTIZE_KERNELS(X, X86, VNNI, ARM)     \
  X(group_quantize, octet_f32_s8_pg_quantize_1x1__baseline) \
  X86(group_quantize, octet_f32_s8_pg_quantize_1x8__avx2)   \
  VNNI(group_quantize, octet_f32_s8_pg_quantize_1x16__avx512vnni)

#define OCTET_GROUP_DYNAMIC_KERNELS(X, X86, VNNI, ARM)             \
  X(group_dynamic, octet_f32u4_f32_pg_dynamic_1x16__baseline)      \
  X(group_dynamic, octet_f32u8_f32_pg_dynamic_1x16__baseline)      \
  X86(group_dynamic, octet_f32u4_f32_pg_dynamic_4x16__avx2)        \
  X86(group_dynamic, octet_f32u8_f32_pg_dynamic_4x16__avx2)        \
  VNNI(group_dynamic, octet_f32u4_f32_pg_dynamic_4x16__avxvnni)    \
  VNNI(group_dynamic, octet_f32u8_f32_pg_dynamic_4x16__avxvnni)    \
  VNNI(group_dynamic, octet_f32u4_f32_pg_dynamic_6x32__avx512vnni) \
  VNNI(group_dynamic, octet_f32u8_f32_pg_dynamic_6x32__avx512vnni) \
  ARM(group_dynamic, octet_f32u4_f32_pg_dynamic_4x16__dotprod)     \
  ARM(group_dynamic, octet_f32u8_f32_pg_dynamic_4x16__dotprod)     \
  ARM(group_dynamic, octet_f32u4_f32_pg_dynamic_4x16__i8mm)        \
  ARM(group_dynamic, octet_f32u8_f32_pg_dynamic_4x16__i8mm)

#define OCTET_BLOCK_DYNAMIC_KERNELS(X, X86, VNNI, ARM)                 \
  X(block_dynamic, octet_f32blocks_f32_pg_dynamic_1x16__baseline)      \
  X86(block_dynamic, octet_f32blocks_f32_pg_dynamic_4x16__avx2)        \
  VNNI(block_dynamic, octet_f32blocks_f32_pg_dynamic_4x16__avxvnni)    \
  VNNI(block_dynamic, octet_f32blocks_f32_pg_dynamic_4x32__avx512vnni) \
  VNNI(block_dynamic, octet_f32blocks_f32_pg_dynamic_4x32__avx512vbmi) \
  ARM(block_dynamic, octet_f32blocks_f32_pg_dynamic_4x16__dotprod)     \
  ARM(block_dynamic, octet_f32blocks_f32_pg_dynamic_4x16__i8mm)

#define OCTET_WEIGHT_ONLY_KERNELS(X, X86, VNNI, ARM)                 \
  X(weight_only, octet_f32u4_f32_pg_weightonly_1x16__baseline)       \
  X(weight_only, octet_f32u8_f32_pg_weightonly_1x16__baseline)       \
  X86(weight_only, octet_f32u4_f32_pg_weightonly_6x16__avx2)         \
  X86(weight_only, octet_f32u8_f32_pg_weightonly_6x16__avx2)         \
  VNNI(weight_only, octet_f32u4_f32_pg_weightonly_12x32__avx512vnni) \
  VNNI(weight_only, octet_f32u8_f32_pg_weightonly_12x32__avx512vnni)

#define OCTET_BLOCK_WEIGHT_ONLY_KERNELS(X, X86, VNNI, ARM)               \
  X(block_weight_only, octet_f32blocks_f32_pg_weightonly_1x16__baseline) \
  X86(block_weight_only, octet_f32blocks_f32_pg_weightonly_6x16__avx2)   \
  VNNI(block_weight_only, octet_f32blocks_f32_pg_weightonly_12x32__avx512vnni)

#define OCTET_ATTENTION_KERNELS(X, X86, VNNI, ARM)                     \
  VNNI(attention_kernel, octet_u8s8_f32_pc_attention_6x64__avx512vnni) \
  VNNI(attention_kernel, octet_s8s8_f32_pc_attention_6x64__avx512vnni)

#define OCTET_SOFTMAX_KERNELS(X, X86, VNNI, ARM)            \
  X(softmax_kernel, octet_f32_f32_pt_softmax_1x1__baseline) \
  X86(softmax_kernel, octet_f32_f32_pt_softmax_1x64__avx2)  \
  VNNI(softmax_kernel, octet_f32_f32_pt_softmax_1x64__avx512vnni)

#define OCTET_LAYER_NORM_KERNELS(X, X86, VNNI, ARM)               \
  X(layer_norm_kernel, octet_f32_f32_pc_layer_norm_1x1__baseline) \
  X86(layer_norm_kernel, octet_f32_f32_pc_layer_norm_1x64__avx2)  \
  VNNI(layer_norm_kernel, octet_f32_f32_pc_layer_norm_1x64__avx512vnni)

#define OCTET_GELU_KERNELS(X, X86, VNNI, ARM)               \
  X(gelu_kernel, octet_f32_f32_pt_gelu_1x1__baseline)       \
  X(gelu_kernel, octet_f32_f32_pt_gelu_tanh_1x1__baseline)  \
  X86(gelu_kernel, octet_f32_f32_pt_gelu_1x64__avx2)        \
  X86(gelu_kernel, octet_f32_f32_pt_gelu_tanh_1x64__avx2)   \
  VNNI(gelu_kernel, octet_f32_f32_pt_gelu_1x64__avx512vnni) \
  VNNI(gelu_kernel, octet_f32_f32_pt_gelu_tanh_1x64__avx512vnni)

#define OCTET_SGEMM_KERNELS(X, X86, VNNI, ARM)          \
  X(sgemm_kernel, octet_f32f32_f32_sgemm_1x1__baseline) \
  X86(sgemm_kernel, octet_f32f32_f32_sgemm_6x16__avx2)  \
  VNNI(sgemm_kernel, octet_f32f32_f32_sgemm_12x32__avx512vnni)

#define OCTET_SGEMM_PACK_KERNELS(X, X86, VNNI, ARM)               \
  X(sgemm_pack_kernel, octet_f32f32_f32_sgemm_pack_1x1__baseline) \
  X86(sgemm_pack_kernel, octet_f32f32_f32_sgemm_pack_6x16__avx2)  \
  VNNI(sgemm_pack_kernel, octet_f32f32_f32_sgemm_pack_12x32__avx512vnni)

/* FAMILY(family, kernels). No plan holds a kernel of the first one as its own: one that is all 0 has none. */
#define OCTET_FAMILIES(FAMILY)                               \
  FAMILY(column_tables_kernel, OCTET_COLUMN_TABLES_KERNELS)  \
  FAMILY(matmul_kernel, OCTET_MATMUL_KERNELS)                \
  FAMILY(conv2d_kernel, OCTET_CONV2D_KERNELS)                \
  FAMILY(epilogue_kernel, OCTET_EPILOGUE_KERNELS)            \
  FAMILY(matmul_pack_kernel, OCTET_MATMUL_PACK_KERNELS)      \
  FAMILY(quantize_kernel, OCTET_QUANTIZE_KERNELS)            \
  FAMILY(dequantize_kernel, OCTET_DEQUANTIZE_KERNELS)        \
  FAMILY(range_kernel, OCTET_RANGE_KERNELS)                  \
  FAMILY(requantize_kernel, OCTET_REQUANTIZE_KERNELS)        \
  FAMILY(binary_kernel, OCTET_BINARY_KERNELS)                \
  FAMILY(pool_kernel, OCTET_POOL_KERNELS)                    \
  FAMILY(lookup_kernel, OCTET_LOOKUP_KERNELS)                \
  FAMILY(copy_kernel, OCTET_COPY_KERNELS)                    \
  FAMILY(transpose_kernel, OCTET_TRANSPOSE_KERNELS)          \
  FAMILY(nearest_kernel, OCTET_NEAREST_KERNELS)              \
  FAMILY(linear_kernel, OCTET_LINEAR_KERNELS)                \
  FAMILY(group_quantize, OCTET_GROUP_QUANTIZE_KERNELS)       \
  FAMILY(group_dynamic, OCTET_GROUP_DYNAMIC_KERNELS)         \
  FAMILY(block_dynamic, OCTET_BLOCK_DYNAMIC_KERNELS)         \
  FAMILY(weight_only, OCTET_WEIGHT_ONLY_KERNELS)             \
  FAMILY(block_weight_only, OCTET_BLOCK_WEIGHT_ONLY_KERNELS) \
  FAMILY(attention_kernel, OCTET_ATTENTION_KERNELS)          \
  FAMILY(softmax_kernel, OCTET_SOFTMAX_KERNELS)              \
  FAMILY(layer_norm_kernel, OCTET_LAYER_NORM_KERNELS)        \
  FAMILY(gelu_kernel, OCTET_GELU_KERNELS)                    \
  FAMILY(sgemm_kernel, OCTET_SGEMM_KERNELS)                  \
  FAMILY(sgemm_pack_kernel, OCTET_SGEMM_PACK_KERNELS)

/* Left out for macOS, where they would be half of the library. No Mac has AVX-VNNI. Few have AVX-512, all of
   2017 to 2020, and macOS enables it for each thread at its first use, not shown by XCR0 before: a tier asked
   once tells nothing of other threads. Before 12.2 it loses mask registers. */
#if defined(__x86_64__) && !defined(__APPLE__)
#define OCTET_HAS_VNNI 1
#else
#define OCTET_HAS_VNNI 0
#endif

/* X of each kernel of a family. */
#define OCTET_NOT_HERE(family, name)
#if OCTET_HAS_VNNI
#define OCTET_EACH(kernels, X) kernels(X, X, X, OCTET_NOT_HERE)
#elif defined(__x86_64__)
#define OCTET_EACH(kernels, X) kernels(X, X, OCTET_NOT_HERE, OCTET_NOT_HERE)
#elif defined(__aarch64__)
#define OCTET_EACH(kernels, X) kernels(X, OCTET_NOT_HERE, OCTET_NOT_HERE, X)
#else
#define OCTET_EACH(kernels, X) kernels(X, OCTET_NOT_HERE, OCTET_NOT_HERE, OCTET_NOT_HERE)
#endif

/* X of each that is left out of the library for x86-64. */
#if defined(__x86_64__) && !OCTET_HAS_VNNI
#define OCTET_EACH_LEFT_OUT(kernels, X) kernels(OCTET_NOT_HERE, OCTET_NOT_HERE, X, OCTET_NOT_HERE)
#else
#define OCTET_EACH_LEFT_OUT(kernels, X)
#endif

#endif
