/* From the sums of a tile to outputs: the tables of a block of columns, as the tier reads them, and the
   choice of the tier's finish_<type>. */

static const int32_t NO_OFFSETS[BLOCK_COLUMNS];

#define FOUR_TIMES(x) x, x, x, x
#define SIXTY_FOUR_TIMES(x) \
  FOUR_TIMES(FOUR_TIMES(x)), FOUR_TIMES(FOUR_TIMES(x)), FOUR_TIMES(FOUR_TIMES(x)), FOUR_TIMES(FOUR_TIMES(x))
/* Not 0: that would make 0 of -0. */
static const float NO_BIAS[BLOCK_COLUMNS] = {SIXTY_FOUR_TIMES(-0.0f)};

/* Space for tables of which the last columns are missing. */
struct tables {
  int32_t offsets[BLOCK_COLUMNS];
  int32_t zero_point_factors[BLOCK_COLUMNS];
  int32_t weight_zero_points[BLOCK_COLUMNS];
  float multipliers[BLOCK_COLUMNS];
  float bias[BLOCK_COLUMNS];
  /* With what all rows have in common. */
  _Alignas(64) int32_t folded_offsets[BLOCK_COLUMNS];
  _Alignas(64) float folded_multipliers[BLOCK_COLUMNS];
};

ALWAYS_INLINE struct column_block block_of(const struct octet_matmul *product, int32_t first, int32_t columns,
                                           struct tables *space) {
#define PART(name, missing) \
  product->name == 0 ? missing : readable(product->name + first, columns, space->name)
  const struct column_block block = {.offsets = PART(offsets, NO_OFFSETS),
                                     .zero_point_factors = PART(zero_point_factors, 0),
                                     .weight_zero_points = PART(weight_zero_points, 0),
                                     .multipliers = PART(multipliers, 0),
                                     .bias = PART(bias, NO_BIAS),
                                     .columns = columns};
#undef PART
  return block;
}

ALWAYS_INLINE void finish(const int type, const int general, const int32_t *sums, int32_t rows,
                          const struct column_block *block, const struct row_terms *terms,
                          const struct output *output, uint8_t *dst, int64_t dst_stride) {
  if (type == OCTET_S32) {
    finish_s32(general, sums, rows, block, terms, (loose_int *)dst, dst_stride);
  } else if (type == OCTET_F32 && output->low == -__builtin_inff() && output->high == __builtin_inff()) {
    finish_f32(general, 0, sums, rows, block, terms, output, (loose_float *)dst, dst_stride);
  } else if (type == OCTET_F32) {
    finish_f32(general, 1, sums, rows, block, terms, output, (loose_float *)dst, dst_stride);
  } else {
    finish_bytes(type == OCTET_S8, general, sums, rows, block, terms, output, dst, dst_stride);
  }
}

ALWAYS_INLINE int is_bytes(const int type) {
  return type == OCTET_U8 || type == OCTET_S8;
}

/* Rows of a tile of bytes that is made at once. */
ALWAYS_INLINE int32_t fused_rows(int32_t columns) {
  return columns <= BLOCK_COLUMNS / 2 ? NARROW_ROWS : TILE_ROWS;
}
