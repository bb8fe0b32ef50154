/* Weights in the block formats of GGUF, packed: where what lies.

   Panels of 16 or 32 columns, one after the other, each one stream of memory. A panel is, for each stretch of
   groups of 32 weights that share something: its head, then its groups. A group is its scales, then its
   weights. Heads and scales are arrays with an entry for each column of the panel:

     Q4_0, Q5_0, Q8_0, IQ4_NL   scales d (binary16)
     Q4_1, Q5_1                 scales d, m (binary16)
     Q4_K, Q5_K                 head d, dmin (binary16) of 8 groups; scales sc, m (bytes)
     Q6_K                       head d (binary16) of 8 groups; scales sc of the first and the second 16
   (bytes) MXFP4                      head e of the first and the second group of 2 (bytes) NVFP4 scales s of
   the first and the second 16 (bytes; codes that stand for 0 are 0)

   Weights are unsigned, as the format stores them, Q8_0 as q + 128. Their low four bits are as in
   group_layout.h: four octets of 8 k, four bytes a column, low nibbles k to k + 3, high nibbles k + 4 to k +
   7; 8-bit ones four bytes a column for k to k + 3, then those for k + 4 to k + 7. Before the nibbles are the
   bits that belong above them. Fifth bits are a word a column: bit 2 * octet + half of byte j is that of
   weight 8 * octet + 4 * half + j. Fifth and sixth bits are two words a column, one for two octets: bits 4 *
   (octet % 2) + 2 * half and the one above. So a word and a shift give what belongs above the nibbles of a
   word, and memory is read in its order: with the upper bits behind the nibbles one row took up to 1.5 times
   as long from memory (Zen 4). */
#ifndef OCTET_BLOCK_LAYOUT_H
#define OCTET_BLOCK_LAYOUT_H

#include "api.h"

enum { BLOCK_GROUP = 32 };

/* Functions of a format, which is a constant where kernels call them. */

static inline int32_t block_weight_bits(int32_t format) {
  switch (format) {
    case OCTET_BLOCK_Q5_0:
    case OCTET_BLOCK_Q5_1:
    case OCTET_BLOCK_Q5_K:
      return 5;
    case OCTET_BLOCK_Q6_K:
      return 6;
    case OCTET_BLOCK_Q8_0:
      return 8;
    default:
      return 4;
  }
}

/* Of 8 weights: 4-bit floats, or integers that are not evenly spaced. */
static inline int block_has_table(int32_t format) {
  return format == OCTET_BLOCK_IQ4_NL || format == OCTET_BLOCK_MXFP4 || format == OCTET_BLOCK_NVFP4;
}

static inline int block_has_minimum(int32_t format) {
  return format == OCTET_BLOCK_Q4_1 || format == OCTET_BLOCK_Q5_1 || format == OCTET_BLOCK_Q4_K ||
         format == OCTET_BLOCK_Q5_K;
}

static inline int block_has_two_levels(int32_t format) {
  return format == OCTET_BLOCK_Q4_K || format == OCTET_BLOCK_Q5_K || format == OCTET_BLOCK_Q6_K;
}

/* Scales of 32 weights. */
static inline int32_t block_scales(int32_t format) {
  return format == OCTET_BLOCK_Q6_K || format == OCTET_BLOCK_NVFP4 ? 2 : 1;
}

/* What the unsigned operand is greater by than the weight. */
static inline int32_t block_offset(int32_t format) {
  switch (format) {
    case OCTET_BLOCK_Q4_0:
      return 8;
    case OCTET_BLOCK_Q5_0:
      return 16;
    case OCTET_BLOCK_Q8_0:
      return 128;
    case OCTET_BLOCK_Q6_K:
      return 32;
    case OCTET_BLOCK_IQ4_NL:
      return 127;
    case OCTET_BLOCK_MXFP4:
    case OCTET_BLOCK_NVFP4:
      return 12;
    default:
      return 0;
  }
}

/* Groups that share a head. */
static inline int32_t block_stretch(int32_t format) {
  return block_has_two_levels(format) ? 8 : format == OCTET_BLOCK_MXFP4 ? 2 : 1;
}

/* Bytes of a head, for each column. */
static inline int32_t block_head_bytes(int32_t format) {
  return format == OCTET_BLOCK_Q4_K || format == OCTET_BLOCK_Q5_K    ? 4
         : format == OCTET_BLOCK_Q6_K || format == OCTET_BLOCK_MXFP4 ? 2
                                                                     : 0;
}

/* Bytes of the scales of a group, for each column. */
static inline int32_t block_scale_bytes(int32_t format) {
  return format == OCTET_BLOCK_MXFP4 ? 0 : format == OCTET_BLOCK_Q4_1 || format == OCTET_BLOCK_Q5_1 ? 4 : 2;
}

/* Bytes of the bits above the nibbles of a group, for each column. */
static inline int32_t block_above_bytes(int32_t format) {
  return block_weight_bits(format) == 8 ? 0 : BLOCK_GROUP / 8 * (block_weight_bits(format) - 4);
}

/* Bytes of a group without its head, for each column. */
static inline int32_t block_group_bytes(int32_t format) {
  return block_scale_bytes(format) + BLOCK_GROUP / 8 * block_weight_bits(format);
}

/* Of a panel of so many columns. */
static inline int64_t block_panel_bytes(int32_t format, int32_t k, int32_t columns) {
  const int64_t groups = k / BLOCK_GROUP;
  const int64_t stretch = block_stretch(format);
  return columns *
         ((groups + stretch - 1) / stretch * block_head_bytes(format) + groups * block_group_bytes(format));
}

/* Weights of a block of the file, and its bytes; 0 where there is no such format. */
static inline int32_t block_elements(int32_t format) {
  return block_has_two_levels(format) ? 256 : format == OCTET_BLOCK_NVFP4 ? 64 : BLOCK_GROUP;
}

static inline int32_t block_bytes(int32_t format) {
  switch (format) {
    case OCTET_BLOCK_Q4_0:
    case OCTET_BLOCK_IQ4_NL:
      return 18;
    case OCTET_BLOCK_Q4_1:
      return 20;
    case OCTET_BLOCK_Q5_0:
      return 22;
    case OCTET_BLOCK_Q5_1:
      return 24;
    case OCTET_BLOCK_Q8_0:
      return 34;
    case OCTET_BLOCK_Q4_K:
      return 144;
    case OCTET_BLOCK_Q5_K:
      return 176;
    case OCTET_BLOCK_Q6_K:
      return 210;
    case OCTET_BLOCK_MXFP4:
      return 17;
    case OCTET_BLOCK_NVFP4:
      return 36;
    default:
      return 0;
  }
}

#endif
