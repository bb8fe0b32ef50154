/* Tables of columns for tiers that cannot load some lanes of a vector. */

/* Tables are read for all columns of a block: the last ones are copied to where there is room. */
ALWAYS_INLINE const void *readable(const void *table, int32_t columns, void *space) {
  if (columns == BLOCK_COLUMNS) {
    return table;
  }
  for (int32_t i = 0; i < columns; i++) {
    ((int32_t *)space)[i] = ((const int32_t *)table)[i];
  }
  return space;
}
