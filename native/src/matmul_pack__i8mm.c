/* Weights for usmmla: two columns of eight K in a register. */
#include <arm_neon.h>

#include "matmul.h"

enum { FLIP = 0, PAIRS = 1 };

#include "matmul_pack_neon.inc.h"

void octet_s8_matmul_pack_8x16__i8mm(const uint8_t *weights, int32_t type, int32_t transposed, int64_t stride,
                                     int32_t k, int32_t first_column, int32_t columns, int8_t *packed,
                                     int32_t *sums) {
  matmul_pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
}
