/* Weights for udot: U8, 128 more than S8. Of other instructions than all 64-bit Arm CPUs have it needs none.
 */
#include <arm_neon.h>

#include "matmul.h"

enum { FLIP = 0x80, PAIRS = 0 };

#include "matmul_pack_neon.inc.h"

void octet_u8_matmul_pack_4x16__neon(const uint8_t *weights, int32_t type, int32_t transposed, int64_t stride,
                                     int32_t k, int32_t first_column, int32_t columns, int8_t *packed,
                                     int32_t *sums) {
  matmul_pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
}
