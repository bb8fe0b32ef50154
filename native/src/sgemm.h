/* Sizes that the kernels of products of floats and their scratch share. */
#ifndef OCTET_SGEMM_H
#define OCTET_SGEMM_H

#include <stdint.h>

enum {
  /* Columns of a panel, at most: packed weights have whole panels. */
  SGEMM_PANEL = 32,
  /* Steps of K of a panel that the second cache keeps while rows pass. */
  SGEMM_DEPTH = 512,
  /* Rows whose steps the second cache keeps while panels pass; a multiple of every tile's. */
  SGEMM_ROWS = 120,
  /* Up to so many columns rows are read where they are: packing costs more than it saves. */
  SGEMM_NARROW = 64
};

/* Steps of K that are taken together: about as many each time. */
static inline int64_t sgemm_depth(int64_t k) {
  const int64_t parts = (k + SGEMM_DEPTH - 1) / SGEMM_DEPTH;
  return (k + parts - 1) / parts;
}

static inline int sgemm_packs_rows(int64_t columns) {
  return columns > SGEMM_NARROW;
}

#endif
