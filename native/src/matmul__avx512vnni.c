/* 8-bit products by vpdpbusd on 512 bits. */
#include <immintrin.h>

#include "matmul.h"

enum { FLIPS = 1, RUNS = 0 };

#include "matmul_zmm.inc.h"

#include "matmul_floats_zmm.inc.h"
#include "matmul_rows_zmm.inc.h"

#include "matmul_loops.inc.h"

MATMUL_KERNEL(octet_u8s8_s32_pc_gemm_6x64__avx512vnni, NO_FLIP, OCTET_S32)
MATMUL_KERNEL(octet_u8s8_f32_pc_gemm_6x64__avx512vnni, NO_FLIP, OCTET_F32)
MATMUL_KERNEL(octet_u8s8_u8_pc_gemm_6x64__avx512vnni, NO_FLIP, OCTET_U8)
MATMUL_KERNEL(octet_u8s8_s8_pc_gemm_6x64__avx512vnni, NO_FLIP, OCTET_S8)
MATMUL_KERNEL(octet_s8s8_s32_pc_gemm_6x64__avx512vnni, FLIP_SIGN, OCTET_S32)
MATMUL_KERNEL(octet_s8s8_f32_pc_gemm_6x64__avx512vnni, FLIP_SIGN, OCTET_F32)
MATMUL_KERNEL(octet_s8s8_u8_pc_gemm_6x64__avx512vnni, FLIP_SIGN, OCTET_U8)
MATMUL_KERNEL(octet_s8s8_s8_pc_gemm_6x64__avx512vnni, FLIP_SIGN, OCTET_S8)
EPILOGUE_KERNEL(octet_s32_s32_pc_epilogue_60x64__avx512vnni, OCTET_S32)
EPILOGUE_KERNEL(octet_s32_f32_pc_epilogue_60x64__avx512vnni, OCTET_F32)
EPILOGUE_KERNEL(octet_s32_u8_pc_epilogue_60x64__avx512vnni, OCTET_U8)
EPILOGUE_KERNEL(octet_s32_s8_pc_epilogue_60x64__avx512vnni, OCTET_S8)
