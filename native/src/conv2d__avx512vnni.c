/* Convolutions by vpdpbusd on 512 bits. */
#include <immintrin.h>

#include "conv2d.h"

enum { FLIPS = 0, RUNS = 1 };

#include "matmul_zmm.inc.h"

#include "conv2d_edges_zmm.inc.h"
#include "depthwise_columns_zmm.inc.h"
#include "depthwise_zmm.inc.h"

#include "conv2d.inc.h"

CONV2D_KERNELS(octet_u8s8_s32_pc_conv2d_6x64__avx512vnni, octet_s8s8_s32_pc_conv2d_6x64__avx512vnni,
               OCTET_S32)
CONV2D_KERNELS(octet_u8s8_f32_pc_conv2d_6x64__avx512vnni, octet_s8s8_f32_pc_conv2d_6x64__avx512vnni,
               OCTET_F32)
CONV2D_KERNELS(octet_u8s8_u8_pc_conv2d_6x64__avx512vnni, octet_s8s8_u8_pc_conv2d_6x64__avx512vnni, OCTET_U8)
CONV2D_KERNELS(octet_u8s8_s8_pc_conv2d_6x64__avx512vnni, octet_s8s8_s8_pc_conv2d_6x64__avx512vnni, OCTET_S8)
