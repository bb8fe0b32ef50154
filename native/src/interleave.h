/* Vectors of 16 bytes whose bytes are interleaved, in the compilers' own vectors: packing on every tier. */
#ifndef OCTET_INTERLEAVE_H
#define OCTET_INTERLEAVE_H

#include <stdint.h>

typedef uint8_t bytes_16 __attribute__((vector_size(16)));

/* The first eight bytes of two vectors in turn. */
static inline bytes_16 interleave_low(bytes_16 a, bytes_16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/* The last eight. */
static inline bytes_16 interleave_high(bytes_16 a, bytes_16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

#endif
