/* Sizes that the kernels of products of floats and their scratch share. */
#ifndef OCTET_SGEMM_H
#define OCTET_SGEMM_H

#include <stdint.h>

enum {
  /* Columns of a panel, at most: packed weights have whole panels. */
  SGEMM_PANEL = 32,
  /* Steps of K of a panel that the second cache keeps while rows pass. */
  SGEMM_DEPTH = 512,
  /* Rows whose steps the second cache keeps while panels pass, at that depth; a multiple of every tile's. */
  SGEMM_ROWS = 120,
  /* And where there are fewer steps, at most so many times as many: each pass packs the panels anew. */
  SGEMM_MORE_ROWS = 4,
  /* Fewer steps end before what they ask for comes. */
  SGEMM_ASKS = 32,
  /* Up to so many columns rows are read where they are: packing costs more than it saves. */
  SGEMM_NARROW = 64
};

/* Steps of K that are taken together: about as many each time. */
static inline int64_t sgemm_depth(int64_t k) {
  const int64_t parts = (k + SGEMM_DEPTH - 1) / SGEMM_DEPTH;
  return (k + parts - 1) / parts;
}

/* Rows that pass together, of some steps: depth is between 1 and SGEMM_DEPTH. */
static inline int64_t sgemm_rows(int64_t depth) {
  const int64_t times = SGEMM_DEPTH / depth;
  return SGEMM_ROWS * (times < SGEMM_MORE_ROWS ? times : SGEMM_MORE_ROWS);
}

static inline int sgemm_packs_rows(int64_t columns) {
  return columns > SGEMM_NARROW;
}

#endif
