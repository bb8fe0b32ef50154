/* Template of the copy kernels, over copy_block, which copies BLOCK bytes. */
#include "copy_row.inc.h"

void KERNEL(octet_u8_u8_pt_copy)(const void *src, int64_t src_row, void *dst, int64_t dst_row, int64_t rows,
                                 int64_t count) {
  for (int64_t row = 0; row < rows; row++) {
    copy_row((const char *)src + row * src_row, (char *)dst + row * dst_row, count);
  }
}
