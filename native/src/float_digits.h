/* Floats as integers, for products by VNNI. A float is 2^-e times an integer, which is three signed bytes,
   its digits to the base 256, or four; products of bytes and weights are what VNNI sums 64 at a time,
   exactly, while floats take a multiplication for 16 and two instructions more to make floats of weights. A
   piece of a row, of up to 128 k, has an e of its own, so that its greatest float fills the digits. What is
   lost of any float is held to half of the law's bound. */
#ifndef OCTET_FLOAT_DIGITS_H
#define OCTET_FLOAT_DIGITS_H

#include "group_float_bits.h"
#include "scalars.h"

enum {
  MOST_DIGITS = 4,
  PIECE = 128,
  STEP = 32,
  /* Digits at a time, 16 KB of stack: a row of 4096 goes through each panel once. */
  DIGITS_K = 4096
};

/* The greatest integer of three digits, less one for the rounding. */
#define GREATEST_OF_THREE 8355710.0f

/* Whether integers of x * up lose no more than a bound, relative to x. Loops of a step become vectors
   without ends. */
static inline int32_t is_close(const float *x, int32_t count, float up, float bound) {
  int32_t far = 0;
  for (int32_t first = 0; first < count; first += STEP) {
    for (int32_t i = first; i < first + STEP; i++) {
      const float scaled = x[i] * up;
      const float lost = __builtin_fabsf(scaled - __builtin_rintf(scaled));
      far |= (lost > bound * __builtin_fabsf(scaled)) | ((scaled == 0) & (x[i] != 0));
    }
  }
  return !far;
}

/* The digits of floats, the last of which may be 0, and their sums. */
static inline void split_integers(const float *x, int32_t count, float up, int8_t *values,
                                  int32_t sums[MOST_DIGITS]) {
  for (int32_t d = 0; d < MOST_DIGITS; d++) {
    sums[d] = 0;
  }
  for (int32_t first = 0; first < count; first += STEP) {
    uint32_t bytes[STEP];
    for (int32_t i = 0; i < STEP; i++) {
      /* Bytes that count from -128. */
      bytes[i] = ((uint32_t)(int32_t)__builtin_rintf(x[first + i] * up) + 0x80808080u) ^ 0x80808080u;
    }
    for (int32_t d = 0; d < MOST_DIGITS; d++) {
      int8_t *to = values + d * DIGITS_K + first;
      int32_t sum = 0;
      for (int32_t i = 0; i < STEP; i++) {
        to[i] = (int8_t)(bytes[i] >> 8 * d);
        sum += to[i];
      }
      sums[d] += sum;
    }
  }
}

/* Splits up to 128 floats of a row of k; returns the number of digits, 3 or 4, or 0 if they cannot be so.
   values: of the first of them. sums: one for each digit. step: the float of an integer 1. */
static inline int32_t split(int32_t k, const float *from, int32_t count, int8_t *values,
                            int32_t sums[MOST_DIGITS], float *step) {
  const float bound = (float)k * 0x1p-24f;
  float x[PIECE] = {0};
  __builtin_memcpy(x, from, 4 * (uint64_t)count);
  uint32_t most = 0;
  for (int32_t first = 0; first < count; first += STEP) {
    for (int32_t i = first; i < first + STEP; i++) {
      const uint32_t magnitude = float_bits(x[i]) & 0x7fffffff;
      most = magnitude > most ? magnitude : most;
    }
  }
  float up = 1;
  if (most != 0) {
    if (most < float_bits(0x1p-60f) || most > float_bits(0x1p96f)) {
      return 0;
    }
    up = float_of_bits((2 * 127 + 22 - (most >> 23)) << 23);
    up = float_of_bits(most) * up > GREATEST_OF_THREE ? up * 0.5f : up;
  }
  int32_t digits = 3;
  if (!is_close(x, count, up, bound)) {
    digits = 4;
    up *= 256;
    if (!is_close(x, count, up, bound)) {
      return 0;
    }
  }
  *step = 1 / up;
  split_integers(x, count, up, values, sums);
  return digits;
}

/* Cache lines ahead of those that are read next: so many instructions are in between that the processor
   itself looks too little ahead. Measured: beyond L2 10 % less time, from DRAM 4 bits 20 % less than with
   half of this. */
static inline __attribute__((always_inline)) void ask_for(const uint8_t *weights, int32_t bytes,
                                                          int32_t ahead) {
#pragma GCC unroll 16
  for (int32_t line = 0; line < bytes; line += 64) {
    __builtin_prefetch(weights + ahead + line);
  }
}

#endif
