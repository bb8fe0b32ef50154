/* Packing of weights in block formats: what a file has, column after column, into panels; block_layout.h. */
#include "block_layout.h"

enum { Q6_K_HIGH = 128, Q6_K_SCALES = 192, Q6_K_D = 208, K_BITS = 16 };

int64_t octet_block_matmul_packed_bytes(const struct octet_group_matmul *product) {
  const int32_t columns = product->packed_layout;
  const int32_t panels = product->n / columns + (product->n % columns != 0);
  return panels * block_panel_bytes(product->type, product->k, columns);
}

/* Some of the halves of bytes: low ones, or high ones. */
static void halves(const uint8_t *bytes, int32_t shift, int32_t count, uint8_t *to) {
  for (int32_t i = 0; i < count; i++) {
    to[i] = bytes[i] >> shift & 0xf;
  }
}

/* 16 bytes: the low halves first. */
static void halves_apart(const uint8_t *bytes, uint8_t *to) {
  halves(bytes, 0, 16, to);
  halves(bytes, 4, 16, to + 16);
}

/* A word whose bit i belongs above weight i. */
static void add_fifth_bits(const uint8_t *word, uint8_t *to) {
  for (int32_t i = 0; i < BLOCK_GROUP; i++) {
    to[i] |= (uint8_t)((word[i / 8] >> i % 8 & 1) << 4);
  }
}

/* The 32 weights of a group of a block, as the format stores them. */
static void codes(int32_t format, const uint8_t *block, int32_t group, uint8_t *to) {
  switch (format) {
    case OCTET_BLOCK_Q4_0:
    case OCTET_BLOCK_IQ4_NL:
      halves_apart(block + 2, to);
      break;
    case OCTET_BLOCK_Q4_1:
      halves_apart(block + 4, to);
      break;
    case OCTET_BLOCK_Q5_0:
      halves_apart(block + 6, to);
      add_fifth_bits(block + 2, to);
      break;
    case OCTET_BLOCK_Q5_1:
      halves_apart(block + 8, to);
      add_fifth_bits(block + 4, to);
      break;
    case OCTET_BLOCK_Q8_0:
      for (int32_t i = 0; i < BLOCK_GROUP; i++) {
        to[i] = block[2 + i] ^ 0x80;
      }
      break;
    case OCTET_BLOCK_Q4_K:
      halves(block + K_BITS + group / 2 * 32, group % 2 * 4, 32, to);
      break;
    case OCTET_BLOCK_Q5_K:
      halves(block + K_BITS + 32 + group / 2 * 32, group % 2 * 4, 32, to);
      for (int32_t i = 0; i < BLOCK_GROUP; i++) {
        to[i] |= (uint8_t)((block[K_BITS + i] >> group & 1) << 4);
      }
      break;
    case OCTET_BLOCK_Q6_K:
      halves(block + group / 4 * 64 + group % 2 * 32, group % 4 / 2 * 4, 32, to);
      for (int32_t i = 0; i < BLOCK_GROUP; i++) {
        to[i] |= (uint8_t)((block[Q6_K_HIGH + group / 4 * 32 + i] >> group % 4 * 2 & 3) << 4);
      }
      break;
    case OCTET_BLOCK_MXFP4:
      halves_apart(block + 1, to);
      break;
    default: /* OCTET_BLOCK_NVFP4 */
      for (int32_t i = 0; i < 4; i++) {
        halves(block + 4 + group * 16 + i / 2 * 8, i % 2 * 4, 8, to + i * 8);
      }
  }
}

/* 6 bits of Q4_K and Q5_K: the scale or, with minimum = 1, the minimum of a group. */
static uint8_t six_bits(const uint8_t *bytes, int32_t group, int32_t minimum) {
  if (group < 4) {
    return bytes[group + 4 * minimum] & 63;
  }
  return (uint8_t)((bytes[group + 4] >> 4 * minimum & 15) | bytes[group - 4 * (1 - minimum)] >> 6 << 4);
}

/* A code of which 0 is the only one that stands for 0. */
static uint8_t e4m3(uint8_t code) {
  return code == 0x7f ? 0 : code & 0x7f;
}

/* The head of a column, of the block that begins a stretch; next is the block behind it, or NULL. */
static void pack_head(int32_t format, const uint8_t *block, const uint8_t *next, int32_t columns, int32_t c,
                      uint8_t *head) {
  switch (format) {
    case OCTET_BLOCK_Q4_K:
    case OCTET_BLOCK_Q5_K:
      __builtin_memcpy(head + 2 * c, block, 2);
      __builtin_memcpy(head + 2 * (columns + c), block + 2, 2);
      break;
    case OCTET_BLOCK_Q6_K:
      __builtin_memcpy(head + 2 * c, block + Q6_K_D, 2);
      break;
    case OCTET_BLOCK_MXFP4:
      head[c] = block[0];
      head[columns + c] = next == 0 ? 0 : next[0];
      break;
    default:
      break;
  }
}

static void pack_scales(int32_t format, const uint8_t *block, int32_t group, int32_t columns, int32_t c,
                        uint8_t *to) {
  switch (format) {
    case OCTET_BLOCK_Q4_1:
    case OCTET_BLOCK_Q5_1:
      __builtin_memcpy(to + 2 * c, block, 2);
      __builtin_memcpy(to + 2 * (columns + c), block + 2, 2);
      break;
    case OCTET_BLOCK_Q4_K:
    case OCTET_BLOCK_Q5_K:
      to[c] = six_bits(block + 4, group, 0);
      to[columns + c] = six_bits(block + 4, group, 1);
      break;
    case OCTET_BLOCK_Q6_K:
      to[c] = block[Q6_K_SCALES + 2 * group];
      to[columns + c] = block[Q6_K_SCALES + 2 * group + 1];
      break;
    case OCTET_BLOCK_MXFP4:
      break;
    case OCTET_BLOCK_NVFP4:
      to[c] = e4m3(block[2 * group]);
      to[columns + c] = e4m3(block[2 * group + 1]);
      break;
    default:
      __builtin_memcpy(to + 2 * c, block, 2);
  }
}

static void pack_weights(int32_t format, const uint8_t *from, int32_t columns, int32_t c, uint8_t *to) {
  if (format == OCTET_BLOCK_Q8_0) {
    for (int32_t four = 0; four < 8; four++) {
      __builtin_memcpy(to + four * 4 * columns + 4 * c, from + 4 * four, 4);
    }
    return;
  }
  uint8_t high[2][4] = {{0}};
  const int32_t bits = block_weight_bits(format) - 4;
  for (int32_t o = 0; o < 4; o++) {
    for (int32_t j = 0; j < 4; j++) {
      const uint8_t first = from[8 * o + j];
      const uint8_t second = from[8 * o + 4 + j];
      to[(bits + o) * 4 * columns + 4 * c + j] = (uint8_t)((first & 0xf) | second << 4);
      const int32_t shift = bits * 2 * o % 8;
      high[bits * 2 * o / 8][j] |= (uint8_t)(first >> 4 << shift | second >> 4 << (shift + bits));
    }
  }
  for (int32_t word = 0; word < bits; word++) {
    __builtin_memcpy(to + word * 4 * columns + 4 * c, high[word], 4);
  }
}

void octet_block_matmul_pack(const struct octet_group_matmul *product, const void *blocks,
                             int32_t first_column, int32_t columns, void *packed) {
  const int32_t format = product->type;
  const int32_t width = product->packed_layout;
  const int32_t groups = product->k / BLOCK_GROUP;
  const int32_t stretch = block_stretch(format);
  const int32_t groups_of_block = block_elements(format) / BLOCK_GROUP;
  const int64_t column_bytes = (int64_t)groups / groups_of_block * block_bytes(format);
  const int64_t panel = block_panel_bytes(format, product->k, width);
  const int32_t head_bytes = block_head_bytes(format) * width;
  const int32_t scale_bytes = block_scale_bytes(format) * width;
  const int32_t group_bytes = block_group_bytes(format) * width;
  for (int32_t first = first_column; first < first_column + columns; first += width) {
    const int32_t count = first_column + columns - first < width ? first_column + columns - first : width;
    uint8_t *to = (uint8_t *)packed + first / width * panel;
    if (count < width) {
      __builtin_memset(to, 0, (uint64_t)panel);
    }
    for (int32_t g = 0; g < groups; g++) {
      const int begins = g % stretch == 0;
      const int32_t group = g % groups_of_block;
      for (int32_t c = 0; c < count; c++) {
        const uint8_t *block = (const uint8_t *)blocks + (first + c) * column_bytes +
                               (int64_t)(g / groups_of_block) * block_bytes(format);
        uint8_t *at = to;
        if (begins) {
          const int32_t next = g + groups_of_block;
          pack_head(format, block, next < groups ? block + block_bytes(format) : 0, width, c, at);
          at += head_bytes;
        }
        pack_scales(format, block, group, width, c, at);
        uint8_t weights[BLOCK_GROUP];
        codes(format, block, group, weights);
        pack_weights(format, weights, width, c, at + scale_bytes);
      }
      to += (begins ? head_bytes : 0) + group_bytes;
    }
  }
}
