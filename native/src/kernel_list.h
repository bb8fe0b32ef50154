/* Every kernel of the library, once: prototypes, the table that calls them, their names and the check of the
   shipped symbols are made of this list. X(family, name); a family is the type of its functions, in
   kernels.h. Names: native/README.md. */
#ifndef OCTET_KERNEL_LIST_H
#define OCTET_KERNEL_LIST_H

#define OCTET_BASELINE_KERNELS(X)                         \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__baseline) \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__baseline) \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__baseline)  \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__baseline)  \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__baseline) \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__baseline) \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__baseline)  \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__baseline)  \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x16__baseline)

#if defined(__x86_64__)
#define OCTET_X86_KERNELS(X)                                \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__avx2)       \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__avx2)       \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__avx2)        \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__avx2)        \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__avx2)       \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__avx2)       \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__avx2)        \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__avx2)        \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x16__avx2)    \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x16__avxvnni)    \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x16__avxvnni)    \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x16__avxvnni)     \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x16__avxvnni)     \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x16__avxvnni)    \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x16__avxvnni)    \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x16__avxvnni)     \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x16__avxvnni)     \
  X(matmul_kernel, octet_u8s8_s32_pc_gemm_6x64__avx512vnni) \
  X(matmul_kernel, octet_u8s8_f32_pc_gemm_6x64__avx512vnni) \
  X(matmul_kernel, octet_u8s8_u8_pc_gemm_6x64__avx512vnni)  \
  X(matmul_kernel, octet_u8s8_s8_pc_gemm_6x64__avx512vnni)  \
  X(matmul_kernel, octet_s8s8_s32_pc_gemm_6x64__avx512vnni) \
  X(matmul_kernel, octet_s8s8_f32_pc_gemm_6x64__avx512vnni) \
  X(matmul_kernel, octet_s8s8_u8_pc_gemm_6x64__avx512vnni)  \
  X(matmul_kernel, octet_s8s8_s8_pc_gemm_6x64__avx512vnni)  \
  X(matmul_pack_kernel, octet_s8_matmul_pack_4x64__avx512vnni)
#else
#define OCTET_X86_KERNELS(X)
#endif

#define OCTET_KERNELS(X)    \
  OCTET_BASELINE_KERNELS(X) \
  OCTET_X86_KERNELS(X)

#endif
