/* What the kernels of resizes know of a line: the table of octet_resize_table, taken apart. */
#ifndef OCTET_RESIZE_H
#define OCTET_RESIZE_H

#include <stddef.h>

#include "api.h"
#include "copy.h"

enum {
  /* Elements that are made at a time. Pixels of so many channels or more are done one by one, others side by
     side. */
  RESIZE_BLOCK = 16,
  /* Pieces of RESIZE_BLOCK bytes of a line that a block is made of, at most. */
  RESIZE_PIECES = 4,
  /* An index that is in another piece. */
  RESIZE_ELSEWHERE = 0x80
};

/* Where the elements of blocks come from: pieces of a line that follow each other. */
struct resize_blocks {
  /* The first byte, block by block. */
  const int32_t *bases;
  /* RESIZE_BLOCK bytes for each block and piece: which byte of the piece an element is. */
  const uint8_t *indexes;
};

struct resize_columns {
  int64_t channels;
  /* Pixels of the result. */
  int64_t pixels;
  /* Elements of the result. */
  int64_t elements;
  /* Of each pixel of the result, the pixel of the image; of linear the one behind too, and their weights. */
  const int32_t *first;
  const int32_t *second;
  const float *first_weights;
  const float *second_weights;
  /* Pieces of each block: 1, 2 or 4; 0 where pixels are not narrow, and where bytes are farther apart. The
     last block ends with the line. */
  int64_t pieces;
  struct resize_blocks first_blocks;
  struct resize_blocks second_blocks;
  /* The weights, of linear and narrow pixels, element by element. */
  const float *first_factors;
  const float *second_factors;
};

static inline __attribute__((always_inline)) float resize_real(char q, int is_signed) {
  return is_signed ? (float)(signed char)q : (float)(unsigned char)q;
}

/* Pixels of a line that lie anywhere, side by side; the number of channels is a constant. */
static inline __attribute__((always_inline)) void resize_pick(const char *src, const int32_t *pixels,
                                                              int64_t count, size_t channels, char *dst) {
  for (int64_t i = 0; i < count; i++) {
    __builtin_memcpy(dst, src + (size_t)pixels[i] * channels, channels);
    dst += channels;
  }
}

/* The same for any number of channels below 16. */
static inline __attribute__((always_inline)) void resize_gather(const char *src, const int32_t *pixels,
                                                                int64_t count, int64_t channels, char *dst) {
  switch (channels) {
    case 1:
      resize_pick(src, pixels, count, 1, dst);
      break;
    case 2:
      resize_pick(src, pixels, count, 2, dst);
      break;
    case 3:
      resize_pick(src, pixels, count, 3, dst);
      break;
    case 4:
      resize_pick(src, pixels, count, 4, dst);
      break;
    case 8:
      resize_pick(src, pixels, count, 8, dst);
      break;
    default:
      for (int64_t i = 0; i < count; i++) {
        copy_few(src + pixels[i] * channels, dst + i * channels, channels);
      }
  }
}

#endif
