/* A matrix of bytes, transposed, any CPU: by tiles of whole cache lines. */
#include "kernels.h"

enum { TILE = 64 };

void octet_u8_u8_pt_transpose_1x1__baseline(const void *src, int64_t src_row, void *dst, int64_t dst_row,
                                            int64_t rows, int64_t columns) {
  const char *x = src;
  char *y = dst;
  for (int64_t row = 0; row < rows; row += TILE) {
    const int64_t end_row = row + TILE < rows ? row + TILE : rows;
    for (int64_t column = 0; column < columns; column += TILE) {
      const int64_t end_column = column + TILE < columns ? column + TILE : columns;
      for (int64_t c = column; c < end_column; c++) {
        for (int64_t r = row; r < end_row; r++) {
          y[c * dst_row + r] = x[r * src_row + c];
        }
      }
    }
  }
}
