/* Template of the kernels of linear interpolation, over BLENDS, which has
   - blend_wide: the channels of some pixels, at least RESIZE_BLOCK of them, by four weights for each pixel;
   - blend_elements: at least RESIZE_BLOCK elements, by weights of lines and factors of columns;
   - blend_blocks, where HAS_SHUFFLES: the same of blocks, which are made of pieces of lines. */

enum {
  /* Elements whose taps are put side by side at a time. */
  GATHERED = 512,
  /* Wide pixels that share their taps. */
  MOST_SHARED = 4
};

/* The taps of an element: upper line, lower line, in each the first pixel and the second. */
struct resize_taps {
  const char *upper_first;
  const char *upper_second;
  const char *lower_first;
  const char *lower_second;
};

struct resize_rows {
  const char *upper;
  const char *lower;
  float upper_weight;
  float lower_weight;
};

#include BLENDS

/* Fewer elements than a block. */
static __attribute__((noinline)) void blend_few(const struct resize_columns *columns,
                                                const struct resize_rows *rows, char *dst, int is_signed) {
  for (int64_t i = 0; i < columns->pixels; i++) {
    const float a = columns->first_weights[i] * rows->upper_weight;
    const float b = columns->second_weights[i] * rows->upper_weight;
    const float c = columns->first_weights[i] * rows->lower_weight;
    const float d = columns->second_weights[i] * rows->lower_weight;
    const int64_t first = columns->first[i] * columns->channels;
    const int64_t second = columns->second[i] * columns->channels;
    for (int64_t channel = 0; channel < columns->channels; channel++) {
      const float sum = a * resize_real(rows->upper[first + channel], is_signed) +
                        b * resize_real(rows->upper[second + channel], is_signed) +
                        c * resize_real(rows->lower[first + channel], is_signed) +
                        d * resize_real(rows->lower[second + channel], is_signed);
      dst[i * columns->channels + channel] = (char)(int32_t)sum;
    }
  }
}

/* Wide pixels: those that follow each other and lie between the same pixels of the image share their taps. */
INLINE void blend_pixels(const struct resize_columns *columns, const struct resize_rows *rows, char *dst,
                         int is_signed) {
  float weights[MOST_SHARED][4];
  int64_t shared;
  for (int64_t i = 0; i < columns->pixels; i += shared) {
    const int64_t first = columns->first[i] * columns->channels;
    const int64_t second = columns->second[i] * columns->channels;
    const struct resize_taps taps = {rows->upper + first, rows->upper + second, rows->lower + first,
                                     rows->lower + second};
    shared = 0;
    do {
      const int64_t pixel = i + shared;
      weights[shared][0] = columns->first_weights[pixel] * rows->upper_weight;
      weights[shared][1] = columns->second_weights[pixel] * rows->upper_weight;
      weights[shared][2] = columns->first_weights[pixel] * rows->lower_weight;
      weights[shared][3] = columns->second_weights[pixel] * rows->lower_weight;
      shared++;
    } while (shared < MOST_SHARED && i + shared < columns->pixels &&
             columns->first[i + shared] == columns->first[i]);
    blend_wide(&taps, weights, shared, dst + i * columns->channels, columns->channels, is_signed);
  }
}

/* The taps of some pixels, in the order of struct resize_taps. Called, not inlined: the kernels of two types
   were half made of its loops. */
static __attribute__((noinline)) void gather(const struct resize_rows *rows, const int32_t *first,
                                             const int32_t *second, int64_t count, int64_t channels,
                                             char to[][GATHERED]) {
  for (int tap = 0; tap < 4; tap++) {
    resize_gather(tap < 2 ? rows->upper : rows->lower, tap % 2 == 0 ? first : second, count, channels,
                  to[tap]);
  }
}

/* Narrow pixels that lie anywhere, in parts of one size; of the last one some pixels may be made once more.
 */
INLINE void blend_gathered(const struct resize_columns *columns, const struct resize_rows *rows, char *dst,
                           int is_signed) {
  char gathered[4][GATHERED];
  const struct resize_taps taps = {gathered[0], gathered[1], gathered[2], gathered[3]};
  /* A copy: rows stay in registers. */
  const struct resize_rows from = *rows;
  const int64_t channels = columns->channels;
  const int64_t parts = (columns->elements + GATHERED - RESIZE_BLOCK) / (GATHERED - RESIZE_BLOCK + 1);
  const int64_t count = (columns->pixels + parts - 1) / parts;
  for (int64_t at = 0; at < columns->pixels; at += count) {
    const int64_t i = at + count <= columns->pixels ? at : columns->pixels - count;
    gather(&from, columns->first + i, columns->second + i, count, channels, gathered);
    blend_elements(&taps, columns, rows, i * channels, count * channels, dst, is_signed);
  }
}

INLINE void blend_narrow(const struct resize_columns *columns, const struct resize_rows *rows, char *dst,
                         int is_signed) {
#if HAS_SHUFFLES
  switch (columns->pieces) {
    case 1:
      blend_blocks(columns, 1, rows, dst, is_signed);
      return;
    case 2:
      blend_blocks(columns, 2, rows, dst, is_signed);
      return;
    case 4:
      blend_blocks(columns, 4, rows, dst, is_signed);
      return;
    default:
      break;
  }
#endif
  blend_gathered(columns, rows, dst, is_signed);
}

INLINE void blend(const struct resize_columns *given, const void *upper, const void *lower,
                  float upper_weight, float lower_weight, char *dst, int is_signed) {
  /* A copy, which no store to dst can change. */
  const struct resize_columns columns = *given;
  const struct resize_rows rows = {upper, lower, upper_weight, lower_weight};
  if (columns.channels >= RESIZE_BLOCK) {
    blend_pixels(&columns, &rows, dst, is_signed);
  } else if (columns.elements < RESIZE_BLOCK) {
    blend_few(&columns, &rows, dst, is_signed);
  } else {
    blend_narrow(&columns, &rows, dst, is_signed);
  }
}

#define LINEAR_OF(name, is_signed)                                                              \
  void KERNEL(name)(const struct resize_columns *columns, const void *upper, const void *lower, \
                    float upper_weight, float lower_weight, void *dst) {                        \
    blend(columns, upper, lower, upper_weight, lower_weight, dst, is_signed);                   \
  }

LINEAR_OF(octet_u8_u8_pt_linear_resize, 0)
LINEAR_OF(octet_s8_s8_pt_linear_resize, 1)
