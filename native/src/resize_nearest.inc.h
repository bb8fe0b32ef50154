/* Template of the kernels of nearest pixels, over copy_block, which copies BLOCK bytes, and where
   HAS_SHUFFLES shuffle_line, which makes a line of blocks. */
#include "copy_row.inc.h"

void KERNEL(octet_u8_u8_pt_nearest_resize)(const struct resize_columns *given, const void *src, void *dst) {
  /* A copy, which no store to dst can change. */
  const struct resize_columns columns = *given;
  if (columns.channels >= RESIZE_BLOCK) {
    for (int64_t i = 0; i < columns.pixels; i++) {
      copy_row((const char *)src + columns.first[i] * columns.channels, (char *)dst + i * columns.channels,
               columns.channels);
    }
    return;
  }
#if HAS_SHUFFLES
  switch (columns.pieces) {
    case 1:
      shuffle_line(&columns, 1, src, dst);
      return;
    case 2:
      shuffle_line(&columns, 2, src, dst);
      return;
    case 4:
      shuffle_line(&columns, 4, src, dst);
      return;
    default:
      break;
  }
#endif
  resize_gather(src, columns.first, columns.pixels, columns.channels, dst);
}
