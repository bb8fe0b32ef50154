/* 8-bit products without VNNI. */
#include <immintrin.h>

#include "matmul.h"

enum { RUNS = 0 };

#include "matmul_ymm.inc.h"
#include "matmul_ymm_wide.inc.h"

#include "matmul_loops.inc.h"

MATMUL_KERNEL(octet_u8s8_s32_pc_gemm_6x16__avx2, NO_FLIP, OCTET_S32)
MATMUL_KERNEL(octet_u8s8_f32_pc_gemm_6x16__avx2, NO_FLIP, OCTET_F32)
MATMUL_KERNEL(octet_u8s8_u8_pc_gemm_6x16__avx2, NO_FLIP, OCTET_U8)
MATMUL_KERNEL(octet_u8s8_s8_pc_gemm_6x16__avx2, NO_FLIP, OCTET_S8)
MATMUL_KERNEL(octet_s8s8_s32_pc_gemm_6x16__avx2, FLIP_SIGN, OCTET_S32)
MATMUL_KERNEL(octet_s8s8_f32_pc_gemm_6x16__avx2, FLIP_SIGN, OCTET_F32)
MATMUL_KERNEL(octet_s8s8_u8_pc_gemm_6x16__avx2, FLIP_SIGN, OCTET_U8)
MATMUL_KERNEL(octet_s8s8_s8_pc_gemm_6x16__avx2, FLIP_SIGN, OCTET_S8)
EPILOGUE_KERNEL(octet_s32_s32_pc_epilogue_60x64__avx2, OCTET_S32)
EPILOGUE_KERNEL(octet_s32_f32_pc_epilogue_60x64__avx2, OCTET_F32)
EPILOGUE_KERNEL(octet_s32_u8_pc_epilogue_60x64__avx2, OCTET_U8)
EPILOGUE_KERNEL(octet_s32_s8_pc_epilogue_60x64__avx2, OCTET_S8)
