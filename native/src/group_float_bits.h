/* The bits of floats, and 16-bit floats without instructions for them. */
#ifndef OCTET_GROUP_FLOAT_BITS_H
#define OCTET_GROUP_FLOAT_BITS_H

#include <stdint.h>

static inline uint32_t float_bits(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float float_of_bits(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

/* Every finite binary16, exactly. */
static inline float float_of_f16(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  /* As a denormal or normal float whose exponent is too small by 127 - 15: one exact multiplication. */
  const float magnitude = float_of_bits((uint32_t)(half & 0x7fff) << 13) * 0x1p112f;
  return float_of_bits(float_bits(magnitude) | sign);
}

/* A float that binary16 holds exactly; any other gives any number that is not it. */
static inline uint16_t f16_of_float(float x) {
  const uint32_t sign = (float_bits(x) >> 16) & 0x8000;
  const uint32_t magnitude = float_bits(float_of_bits(float_bits(x) & 0x7fffffff) * 0x1p-112f) >> 13;
  return (uint16_t)(sign | (magnitude & 0x7fff));
}

#endif
