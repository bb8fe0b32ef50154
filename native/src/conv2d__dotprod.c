/* Convolutions by udot on 128 bits. */
#include <arm_neon.h>

#include "conv2d.h"

enum { FLIPS = 0, RUNS = 1 };

#include "matmul_neon.inc.h"
#include "matmul_neon_dot.inc.h"

#include "conv2d_unfused.inc.h"
#include "depthwise_neon.inc.h"
#include "depthwise_neon_dot.inc.h"

#include "conv2d.inc.h"

CONV2D_KERNELS(octet_u8s8_s32_pc_conv2d_6x16__dotprod, octet_s8s8_s32_pc_conv2d_6x16__dotprod, OCTET_S32)
CONV2D_KERNELS(octet_u8s8_f32_pc_conv2d_6x16__dotprod, octet_s8s8_f32_pc_conv2d_6x16__dotprod, OCTET_F32)
CONV2D_KERNELS(octet_u8s8_u8_pc_conv2d_6x16__dotprod, octet_s8s8_u8_pc_conv2d_6x16__dotprod, OCTET_U8)
CONV2D_KERNELS(octet_u8s8_s8_pc_conv2d_6x16__dotprod, octet_s8s8_s8_pc_conv2d_6x16__dotprod, OCTET_S8)
