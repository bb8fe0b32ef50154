/* Every kernel of the library, once: prototypes, the table that calls them, their names and the check of the
   shipped symbols are made of this list. X(family, name); a family is the type of its functions, in
   kernels.h. Names: native/README.md. */
#ifndef OCTET_KERNEL_LIST_H
#define OCTET_KERNEL_LIST_H

#define OCTET_BASELINE_KERNELS(X)                                       \
  X(column_tables_kernel, octet_s32_f32_pc_column_tables_1x1__baseline) \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__baseline)               \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__baseline)               \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__baseline)                \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__baseline)                \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__baseline)               \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__baseline)               \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__baseline)                \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__baseline)                \
  X(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__baseline)         \
  X(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__baseline)         \
  X(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__baseline)          \
  X(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__baseline)          \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x16__baseline)            \
  X(quantize_kernel, octet_f32_u8_pt_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_s8_pt_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_u4_pt_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_s4_pt_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_u8_pc_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_s8_pc_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_u4_pc_quantize_1x1__baseline)            \
  X(quantize_kernel, octet_f32_s4_pc_quantize_1x1__baseline)            \
  X(dequantize_kernel, octet_u8_f32_pt_dequantize_1x1__baseline)        \
  X(dequantize_kernel, octet_s8_f32_pt_dequantize_1x1__baseline)        \
  X(dequantize_kernel, octet_u8_f32_pc_dequantize_1x1__baseline)        \
  X(dequantize_kernel, octet_s8_f32_pc_dequantize_1x1__baseline)        \
  X(range_kernel, octet_f32_f32_pt_range_1x1__baseline)                 \
  X(requantize_kernel, octet_s32_u8_pt_requantize_1x1__baseline)        \
  X(requantize_kernel, octet_s32_s8_pt_requantize_1x1__baseline)        \
  X(requantize_kernel, octet_s32_u8_pc_requantize_1x1__baseline)        \
  X(requantize_kernel, octet_s32_s8_pc_requantize_1x1__baseline)        \
  X(add_kernel, octet_u8u8_u8_pt_add_1x1__baseline)                     \
  X(add_kernel, octet_s8s8_s8_pt_add_1x1__baseline)                     \
  X(lookup_kernel, octet_u8_u8_pt_lookup_1x1__baseline)

/* Float rows times weights in groups. */
#define OCTET_GROUP_BASELINE_KERNELS(X)                        \
  X(group_quantize, octet_f32_s8_pg_quantize_1x1__baseline)    \
  X(group_dynamic, octet_f32u4_f32_pg_dynamic_1x16__baseline)  \
  X(group_dynamic, octet_f32u8_f32_pg_dynamic_1x16__baseline)  \
  X(weight_only, octet_f32u4_f32_pg_weightonly_1x16__baseline) \
  X(weight_only, octet_f32u8_f32_pg_weightonly_1x16__baseline)

#if defined(__x86_64__)
#define OCTET_X86_KERNELS(X)                                               \
  X(column_tables_kernel, octet_s32_f32_pc_column_tables_1x8__avx2)        \
  X(column_tables_kernel, octet_s32_f32_pc_column_tables_1x16__avx512vnni) \
  X(attention_kernel, octet_u8s8_f32_pc_attention_6x64__avx512vnni)        \
  X(attention_kernel, octet_s8s8_f32_pc_attention_6x64__avx512vnni)        \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__avx2)                      \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__avx2)                      \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__avx2)                       \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__avx2)                       \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__avx2)                      \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__avx2)                      \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__avx2)                       \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__avx2)                       \
  X(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__avx2)                \
  X(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__avx2)                \
  X(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__avx2)                 \
  X(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__avx2)                 \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x16__avx2)                   \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__avxvnni)                   \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__avxvnni)                   \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__avxvnni)                    \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__avxvnni)                    \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__avxvnni)                   \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__avxvnni)                   \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__avxvnni)                    \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__avxvnni)                    \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x64__avx512vnni)                \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x64__avx512vnni)                \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x64__avx512vnni)                 \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x64__avx512vnni)                 \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x64__avx512vnni)                \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x64__avx512vnni)                \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x64__avx512vnni)                 \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x64__avx512vnni)                 \
  X(epilogue_kernel, octet_s32_s32_pc_epilogue_60x64__avx512vnni)          \
  X(epilogue_kernel, octet_s32_f32_pc_epilogue_60x64__avx512vnni)          \
  X(epilogue_kernel, octet_s32_u8_pc_epilogue_60x64__avx512vnni)           \
  X(epilogue_kernel, octet_s32_s8_pc_epilogue_60x64__avx512vnni)           \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x64__avx512vnni)             \
  X(quantize_kernel, octet_f32_u8_pt_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_s8_pt_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_u4_pt_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_s4_pt_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_u8_pc_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_s8_pc_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_u4_pc_quantize_1x32__avx2)                  \
  X(quantize_kernel, octet_f32_s4_pc_quantize_1x32__avx2)                  \
  X(dequantize_kernel, octet_u8_f32_pt_dequantize_1x32__avx2)              \
  X(dequantize_kernel, octet_s8_f32_pt_dequantize_1x32__avx2)              \
  X(dequantize_kernel, octet_u8_f32_pc_dequantize_1x32__avx2)              \
  X(dequantize_kernel, octet_s8_f32_pc_dequantize_1x32__avx2)              \
  X(range_kernel, octet_f32_f32_pt_range_1x32__avx2)                       \
  X(requantize_kernel, octet_s32_u8_pt_requantize_1x32__avx2)              \
  X(requantize_kernel, octet_s32_s8_pt_requantize_1x32__avx2)              \
  X(requantize_kernel, octet_s32_u8_pc_requantize_1x32__avx2)              \
  X(requantize_kernel, octet_s32_s8_pc_requantize_1x32__avx2)              \
  X(add_kernel, octet_u8u8_u8_pt_add_1x32__avx2)                           \
  X(add_kernel, octet_s8s8_s8_pt_add_1x32__avx2)                           \
  X(lookup_kernel, octet_u8_u8_pt_lookup_1x32__avx2)                       \
  X(quantize_kernel, octet_f32_u8_pt_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_s8_pt_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_u4_pt_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_s4_pt_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_u8_pc_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_s8_pc_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_u4_pc_quantize_1x64__avx512vnni)            \
  X(quantize_kernel, octet_f32_s4_pc_quantize_1x64__avx512vnni)            \
  X(dequantize_kernel, octet_u8_f32_pt_dequantize_1x64__avx512vnni)        \
  X(dequantize_kernel, octet_s8_f32_pt_dequantize_1x64__avx512vnni)        \
  X(dequantize_kernel, octet_u8_f32_pc_dequantize_1x64__avx512vnni)        \
  X(dequantize_kernel, octet_s8_f32_pc_dequantize_1x64__avx512vnni)        \
  X(range_kernel, octet_f32_f32_pt_range_1x64__avx512vnni)                 \
  X(requantize_kernel, octet_s32_u8_pt_requantize_1x64__avx512vnni)        \
  X(requantize_kernel, octet_s32_s8_pt_requantize_1x64__avx512vnni)        \
  X(requantize_kernel, octet_s32_u8_pc_requantize_1x64__avx512vnni)        \
  X(requantize_kernel, octet_s32_s8_pc_requantize_1x64__avx512vnni)        \
  X(add_kernel, octet_u8u8_u8_pt_add_1x64__avx512vnni)                     \
  X(add_kernel, octet_s8s8_s8_pt_add_1x64__avx512vnni)                     \
  X(lookup_kernel, octet_u8_u8_pt_lookup_1x64__avx512vbmi)

#define OCTET_GROUP_X86_KERNELS(X)                                \
  X(group_quantize, octet_f32_s8_pg_quantize_1x8__avx2)           \
  X(group_quantize, octet_f32_s8_pg_quantize_1x16__avx512vnni)    \
  X(group_dynamic, octet_f32u4_f32_pg_dynamic_4x16__avx2)         \
  X(group_dynamic, octet_f32u8_f32_pg_dynamic_4x16__avx2)         \
  X(group_dynamic, octet_f32u4_f32_pg_dynamic_4x16__avxvnni)      \
  X(group_dynamic, octet_f32u8_f32_pg_dynamic_4x16__avxvnni)      \
  X(group_dynamic, octet_f32u4_f32_pg_dynamic_6x32__avx512vnni)   \
  X(group_dynamic, octet_f32u8_f32_pg_dynamic_6x32__avx512vnni)   \
  X(weight_only, octet_f32u4_f32_pg_weightonly_6x16__avx2)        \
  X(weight_only, octet_f32u8_f32_pg_weightonly_6x16__avx2)        \
  X(weight_only, octet_f32u4_f32_pg_weightonly_12x32__avx512vnni) \
  X(weight_only, octet_f32u8_f32_pg_weightonly_12x32__avx512vnni)
#else
#define OCTET_X86_KERNELS(X)
#define OCTET_GROUP_X86_KERNELS(X)
#endif

#define OCTET_KERNELS(X)          \
  OCTET_BASELINE_KERNELS(X)       \
  OCTET_X86_KERNELS(X)            \
  OCTET_GROUP_BASELINE_KERNELS(X) \
  OCTET_GROUP_X86_KERNELS(X)

#endif
