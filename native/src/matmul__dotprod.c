/* 8-bit products by udot on 128 bits. */
#include <arm_neon.h>

#include "matmul.h"

enum { FLIPS = 1, RUNS = 0 };

#include "matmul_neon.inc.h"
#include "matmul_neon_dot.inc.h"

#include "matmul_loops.inc.h"

MATMUL_KERNEL(octet_u8s8_s32_pc_gemm_6x16__dotprod, NO_FLIP, OCTET_S32)
MATMUL_KERNEL(octet_u8s8_f32_pc_gemm_6x16__dotprod, NO_FLIP, OCTET_F32)
MATMUL_KERNEL(octet_u8s8_u8_pc_gemm_6x16__dotprod, NO_FLIP, OCTET_U8)
MATMUL_KERNEL(octet_u8s8_s8_pc_gemm_6x16__dotprod, NO_FLIP, OCTET_S8)
MATMUL_KERNEL(octet_s8s8_s32_pc_gemm_6x16__dotprod, FLIP_SIGN, OCTET_S32)
MATMUL_KERNEL(octet_s8s8_f32_pc_gemm_6x16__dotprod, FLIP_SIGN, OCTET_F32)
MATMUL_KERNEL(octet_s8s8_u8_pc_gemm_6x16__dotprod, FLIP_SIGN, OCTET_U8)
MATMUL_KERNEL(octet_s8s8_s8_pc_gemm_6x16__dotprod, FLIP_SIGN, OCTET_S8)
EPILOGUE_KERNEL(octet_s32_s32_pc_epilogue_60x64__dotprod, OCTET_S32)
EPILOGUE_KERNEL(octet_s32_f32_pc_epilogue_60x64__dotprod, OCTET_F32)
EPILOGUE_KERNEL(octet_s32_u8_pc_epilogue_60x64__dotprod, OCTET_U8)
EPILOGUE_KERNEL(octet_s32_s8_pc_epilogue_60x64__dotprod, OCTET_S8)
