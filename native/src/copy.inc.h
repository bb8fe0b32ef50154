/* Template of the copy kernels, over copy_block, which copies BLOCK bytes. Rows end with a whole block too,
   which copies some bytes of the one before it once more. */

INLINE void copy_row(const char *src, char *dst, int64_t count) {
  if (count < BLOCK) {
    int64_t i = 0;
    if (BLOCK > 32 && count > 32) {
      copy_few(src, dst, 32);
      i = 32;
    }
    copy_few(src + i, dst + i, count - i);
    return;
  }
  int64_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK) {
    copy_block(src + i, dst + i);
  }
  if (i < count) {
    copy_block(src + count - BLOCK, dst + count - BLOCK);
  }
}

void KERNEL(octet_u8_u8_pt_copy)(const void *src, int64_t src_row, void *dst, int64_t dst_row, int64_t rows,
                                 int64_t count) {
  for (int64_t row = 0; row < rows; row++) {
    copy_row((const char *)src + row * src_row, (char *)dst + row * dst_row, count);
  }
}
