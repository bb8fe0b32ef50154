/* 8-bit products by usmmla on 128 bits. */
#include <arm_neon.h>

#include "matmul.h"

enum { FLIPS = 1, RUNS = 0 };

#include "matmul_neon.inc.h"
#include "matmul_neon_mmla.inc.h"

#include "matmul_loops.inc.h"

MATMUL_KERNEL(octet_u8s8_s32_pc_gemm_6x16__i8mm, NO_FLIP, OCTET_S32)
MATMUL_KERNEL(octet_u8s8_f32_pc_gemm_6x16__i8mm, NO_FLIP, OCTET_F32)
MATMUL_KERNEL(octet_u8s8_u8_pc_gemm_6x16__i8mm, NO_FLIP, OCTET_U8)
MATMUL_KERNEL(octet_u8s8_s8_pc_gemm_6x16__i8mm, NO_FLIP, OCTET_S8)
MATMUL_KERNEL(octet_s8s8_s32_pc_gemm_6x16__i8mm, FLIP_SIGN, OCTET_S32)
MATMUL_KERNEL(octet_s8s8_f32_pc_gemm_6x16__i8mm, FLIP_SIGN, OCTET_F32)
MATMUL_KERNEL(octet_s8s8_u8_pc_gemm_6x16__i8mm, FLIP_SIGN, OCTET_U8)
MATMUL_KERNEL(octet_s8s8_s8_pc_gemm_6x16__i8mm, FLIP_SIGN, OCTET_S8)
