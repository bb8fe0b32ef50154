/* The blends of resize_linear.inc.h over the names of a vector__*.h, 16 elements at a time: a tier brings
   real_part, some of 16 bytes as reals, and store_16. */

#include "resize_shuffle.h"

enum { PARTS = RESIZE_BLOCK / LANES };

INLINE reals load_part_of(const char *from, int is_signed) {
  return to_reals(is_signed ? load_signed(from, LANES) : load_unsigned(from, LANES));
}

/* 16 channels of some pixels, each count channels behind the one before. */
INLINE void blend_channels(const struct resize_taps *taps, const float weights[][4], int64_t pixels,
                           int64_t at, char *dst, int64_t count, int is_signed) {
  reals x[PARTS][4];
  for (int part = 0; part < PARTS; part++) {
    const int64_t i = at + part * LANES;
    x[part][0] = load_part_of(taps->upper_first + i, is_signed);
    x[part][1] = load_part_of(taps->upper_second + i, is_signed);
    x[part][2] = load_part_of(taps->lower_first + i, is_signed);
    x[part][3] = load_part_of(taps->lower_second + i, is_signed);
  }
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    ints results[PARTS];
    for (int part = 0; part < PARTS; part++) {
      reals sum = multiply(all_reals(weights[pixel][0]), x[part][0]);
      for (int tap = 1; tap < 4; tap++) {
        sum = add_reals(sum, multiply(all_reals(weights[pixel][tap]), x[part][tap]));
      }
      results[part] = truncate_to_ints(sum);
    }
    store_16(dst + pixel * count + at, results, is_signed);
  }
}

INLINE void blend_wide(const struct resize_taps *taps, const float weights[][4], int64_t pixels, char *dst,
                       int64_t count, int is_signed) {
  int64_t i = 0;
  for (; i + RESIZE_BLOCK <= count; i += RESIZE_BLOCK) {
    blend_channels(taps, weights, pixels, i, dst, count, is_signed);
  }
  if (i < count) {
    blend_channels(taps, weights, pixels, count - RESIZE_BLOCK, dst, count, is_signed);
  }
}

/* 16 elements from the one at, of taps that are in registers. */
INLINE void blend_16(const __m128i taps[4], const struct resize_columns *columns,
                     const struct resize_rows *rows, int64_t at, char *dst, int is_signed) {
  const reals upper = all_reals(rows->upper_weight);
  const reals lower = all_reals(rows->lower_weight);
  ints results[PARTS];
  for (int part = 0; part < PARTS; part++) {
    const reals first = load_reals((const char *)(columns->first_factors + at + part * LANES), LANES);
    const reals second = load_reals((const char *)(columns->second_factors + at + part * LANES), LANES);
    reals sum = multiply(multiply(first, upper), real_part(taps[0], part, is_signed));
    sum = add_reals(sum, multiply(multiply(second, upper), real_part(taps[1], part, is_signed)));
    sum = add_reals(sum, multiply(multiply(first, lower), real_part(taps[2], part, is_signed)));
    sum = add_reals(sum, multiply(multiply(second, lower), real_part(taps[3], part, is_signed)));
    results[part] = truncate_to_ints(sum);
  }
  store_16(dst + at, results, is_signed);
}

/* Elements from the one at; taps are those of it and of what follows. */
INLINE void blend_elements(const struct resize_taps *taps, const struct resize_columns *columns,
                           const struct resize_rows *rows, int64_t at, int64_t count, char *dst,
                           int is_signed) {
  for (int64_t done = 0; done < count; done += RESIZE_BLOCK) {
    const int64_t i = done + RESIZE_BLOCK <= count ? done : count - RESIZE_BLOCK;
    const __m128i some[4] = {resize_load(taps->upper_first + i), resize_load(taps->upper_second + i),
                             resize_load(taps->lower_first + i), resize_load(taps->lower_second + i)};
    blend_16(some, columns, rows, at + i, dst, is_signed);
  }
}

/* A block of two lines, of a constant number of pieces. */
INLINE void blend_block(const struct resize_columns *columns, int64_t block, int64_t pieces,
                        const struct resize_rows *rows, int64_t at, char *dst, int is_signed) {
  const __m128i some[4] = {resize_shuffle(rows->upper, &columns->first_blocks, block, pieces),
                           resize_shuffle(rows->upper, &columns->second_blocks, block, pieces),
                           resize_shuffle(rows->lower, &columns->first_blocks, block, pieces),
                           resize_shuffle(rows->lower, &columns->second_blocks, block, pieces)};
  blend_16(some, columns, rows, at, dst, is_signed);
}

INLINE void blend_blocks(const struct resize_columns *columns, int64_t pieces, const struct resize_rows *rows,
                         char *dst, int is_signed) {
  int64_t block = 0;
  int64_t i = 0;
  for (; i + RESIZE_BLOCK <= columns->elements; i += RESIZE_BLOCK) {
    blend_block(columns, block, pieces, rows, i, dst, is_signed);
    block++;
  }
  if (i < columns->elements) {
    blend_block(columns, block, pieces, rows, columns->elements - RESIZE_BLOCK, dst, is_signed);
  }
}
