/* Weights into panels of 16 columns, one K after the other, in plain C. */
#include "matmul.h"

enum { PANEL_COLUMNS = 16 };

/* Some K of a panel; from one k, and from one column, to the next by steps of their own. */
static void pack(const uint8_t *weights, int64_t k_step, int64_t column_step, int32_t k, int32_t columns,
                 uint8_t flip, int8_t *packed, int32_t *sums) {
  for (int32_t i = 0; i < divided_up(k, 4) * 4; i++) {
    int8_t *to = packed + (int64_t)i * PANEL_COLUMNS;
    for (int32_t c = 0; c < PANEL_COLUMNS; c++) {
      const int there = i < k && c < columns;
      to[c] = there ? (int8_t)(weights[i * k_step + c * column_step] ^ flip) : 0;
      if (there) {
        sums[c] += to[c];
      }
    }
  }
}

ALWAYS_INLINE void pack_rows(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns, uint8_t flip,
                             int8_t *packed, int32_t *sums, int streamed) {
  (void)streamed;
  pack(weights, stride, 1, k, columns, flip, packed, sums);
}

ALWAYS_INLINE void pack_columns(const uint8_t *weights, int64_t stride, int32_t k, int32_t columns,
                                uint8_t flip, int8_t *packed, int32_t *sums) {
  pack(weights, 1, stride, k, columns, flip, packed, sums);
}

#include "matmul_pack.inc.h"

void octet_s8_matmul_pack_4x16__baseline(const uint8_t *weights, int32_t type, int32_t transposed,
                                         int64_t stride, int32_t k, int32_t first_column, int32_t columns,
                                         int8_t *packed, int32_t *sums) {
  matmul_pack(weights, type, transposed, stride, k, first_column, columns, packed, sums);
}
