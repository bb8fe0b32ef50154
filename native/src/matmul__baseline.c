/* 8-bit products in plain C. */
#include "matmul.h"

enum { RUNS = 0 };

#include "matmul_plain.inc.h"

#include "matmul_loops.inc.h"

MATMUL_KERNEL(octet_u8s8_s32_pc_gemm_6x16__baseline, NO_FLIP, OCTET_S32)
MATMUL_KERNEL(octet_u8s8_f32_pc_gemm_6x16__baseline, NO_FLIP, OCTET_F32)
MATMUL_KERNEL(octet_u8s8_u8_pc_gemm_6x16__baseline, NO_FLIP, OCTET_U8)
MATMUL_KERNEL(octet_u8s8_s8_pc_gemm_6x16__baseline, NO_FLIP, OCTET_S8)
MATMUL_KERNEL(octet_s8s8_s32_pc_gemm_6x16__baseline, FLIP_SIGN, OCTET_S32)
MATMUL_KERNEL(octet_s8s8_f32_pc_gemm_6x16__baseline, FLIP_SIGN, OCTET_F32)
MATMUL_KERNEL(octet_s8s8_u8_pc_gemm_6x16__baseline, FLIP_SIGN, OCTET_U8)
MATMUL_KERNEL(octet_s8s8_s8_pc_gemm_6x16__baseline, FLIP_SIGN, OCTET_S8)
EPILOGUE_KERNEL(octet_s32_s32_pc_epilogue_60x64__baseline, OCTET_S32)
EPILOGUE_KERNEL(octet_s32_f32_pc_epilogue_60x64__baseline, OCTET_F32)
EPILOGUE_KERNEL(octet_s32_u8_pc_epilogue_60x64__baseline, OCTET_U8)
EPILOGUE_KERNEL(octet_s32_s8_pc_epilogue_60x64__baseline, OCTET_S8)
