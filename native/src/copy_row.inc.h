/* Template of a copy of any number of bytes, over copy_block, which copies BLOCK bytes. Rows end with a whole
   block too, which copies some bytes of the one before it once more. */

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
