/* Convolutions without VNNI. */
#include <immintrin.h>

#include "conv2d.h"

enum { FLIPS = 0, RUNS = 1 };

#include "matmul_ymm.inc.h"
#include "matmul_ymm_wide.inc.h"

#include "conv2d_unfused.inc.h"
#include "depthwise_ymm.inc.h"
#include "depthwise_ymm_wide.inc.h"

#include "conv2d.inc.h"

CONV2D_KERNELS(octet_u8s8_s32_pc_conv2d_6x16__avx2, octet_s8s8_s32_pc_conv2d_6x16__avx2, OCTET_S32)
CONV2D_KERNELS(octet_u8s8_f32_pc_conv2d_6x16__avx2, octet_s8s8_f32_pc_conv2d_6x16__avx2, OCTET_F32)
CONV2D_KERNELS(octet_u8s8_u8_pc_conv2d_6x16__avx2, octet_s8s8_u8_pc_conv2d_6x16__avx2, OCTET_U8)
CONV2D_KERNELS(octet_u8s8_s8_pc_conv2d_6x16__avx2, octet_s8s8_s8_pc_conv2d_6x16__avx2, OCTET_S8)
