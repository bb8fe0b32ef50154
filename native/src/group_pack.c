/* Packing of weights in groups: the geometry is in group_layout.h. An octet of a panel is first spread out, a
   byte a weight, then (4 bits) folded in half. */
#include "group_float_bits.h"
#include "group_layout.h"
#include "scalars.h"

enum { PANEL_MAX = 32, OCTET_BYTES_MAX = 8 * PANEL_MAX };

int32_t octet_group_matmul_layout(int32_t tier) {
  return tier == OCTET_ISA_AVX512VNNI ? 32 : 16;
}

static int is_f16(float scale) {
  const uint16_t half = f16_of_float(scale);
  return (half & 0x7fff) < 0x7c00 && float_bits(float_of_f16(half)) == float_bits(scale);
}

int32_t octet_group_matmul_scale_type(const float *scales, int64_t count) {
  int f16 = 1;
  int bf16 = 1;
  for (int64_t i = 0; i < count && (f16 || bf16); i++) {
    const float scale = load_float(scales, i);
    f16 = f16 && is_f16(scale);
    bf16 = bf16 && (float_bits(scale) & 0xffff) == 0;
  }
  return f16 ? OCTET_SCALES_F16 : bf16 ? OCTET_SCALES_BF16 : OCTET_SCALES_F32;
}

int64_t octet_group_matmul_packed_bytes(const struct octet_group_matmul *product) {
  const struct group_layout layout = group_layout_of(product);
  return group_ceil_div(product->n, product->layout) * layout.panel;
}

static void pack_scales(int32_t scale_type, const float *scales, int64_t stride, int32_t columns,
                        uint8_t *to) {
  for (int32_t c = 0; c < columns; c++) {
    const float scale = load_float(scales, c * stride);
    if (scale_type == OCTET_SCALES_F32) {
      store_float(to, c, scale);
    } else {
      const uint16_t narrow =
          scale_type == OCTET_SCALES_F16 ? f16_of_float(scale) : (uint16_t)(float_bits(scale) >> 16);
      __builtin_memcpy(to + 2 * c, &narrow, sizeof narrow);
    }
  }
}

/* 8 nibbles, the first in the lowest bits, to 8 bytes. */
static uint64_t spread(uint32_t nibbles) {
  uint64_t x = nibbles;
  x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
  x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
  return (x | x << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
}

/* count weights of 4 bits from an element on, a byte each; bias is added to each modulo 16. */
static void unpack_nibbles(const uint8_t *from, int64_t element, int32_t count, uint8_t flip, uint8_t *to) {
  const uint64_t flips = UINT64_C(0x0101010101010101) * flip;
  int32_t i = 0;
  if ((element & 1) != 0 && count > 0) {
    to[i++] = (from[element / 2] >> 4) ^ flip;
  }
  const uint8_t *bytes = from + (element + i) / 2;
  for (; i <= count - 8; i += 8, bytes += 4) {
    uint32_t nibbles;
    __builtin_memcpy(&nibbles, bytes, sizeof nibbles);
    const uint64_t spread_out = spread(nibbles) ^ flips;
    __builtin_memcpy(to + i, &spread_out, sizeof spread_out);
  }
  for (int32_t high = 0; i < count; i++, high ^= 1) {
    to[i] = (uint8_t)(high ? *bytes++ >> 4 : *bytes & 0xf) ^ flip;
  }
}

/* The same for a row of bytes. */
static void unpack_bytes(const uint8_t *from, int64_t element, int32_t count, uint8_t flip, uint8_t *to) {
  for (int32_t i = 0; i < count; i++) {
    to[i] = from[element + i] ^ flip;
  }
}

static void unpack(int32_t type, const uint8_t *from, int64_t element, int32_t count, uint8_t *to) {
  if (type == OCTET_S8) {
    unpack_bytes(from, element, count, 0x80, to);
  } else {
    unpack_nibbles(from, element, count, type == OCTET_S4 ? 8 : 0, to);
  }
}

/* Four rows of bytes to four bytes a column. */
static void interleave(const uint8_t *rows, int32_t panel, uint8_t *to) {
  for (int32_t c = 0; c < panel; c++) {
    const uint32_t four = (uint32_t)rows[c] | (uint32_t)rows[panel + c] << 8 |
                          (uint32_t)rows[2 * panel + c] << 16 | (uint32_t)rows[3 * panel + c] << 24;
    __builtin_memcpy(to + 4 * c, &four, sizeof four);
  }
}

/* An octet of a panel from [k][n], a byte a weight: for each half, four bytes a column. */
static void gather_rows(const struct octet_group_matmul *product, const uint8_t *weights, int32_t k,
                        int32_t rows, int32_t column, int32_t columns, uint8_t *to) {
  uint8_t bytes[OCTET_BYTES_MAX] = {0};
  const int32_t panel = product->layout;
  for (int32_t r = 0; r < rows; r++) {
    unpack(product->type, weights, (int64_t)(k + r) * product->n + column, columns, bytes + r * panel);
  }
  interleave(bytes, panel, to);
  interleave(bytes + 4 * panel, panel, to + 4 * panel);
}

/* The same from [n][k]. */
static void gather_columns(const struct octet_group_matmul *product, const uint8_t *weights, int32_t k,
                           int32_t rows, int32_t column, int32_t columns, uint8_t *to) {
  const int32_t panel = product->layout;
  for (int32_t c = 0; c < columns; c++) {
    uint8_t bytes[8] = {0};
    unpack(product->type, weights, (int64_t)(column + c) * product->k + k, rows, bytes);
    __builtin_memcpy(to + 4 * c, bytes, 4);
    __builtin_memcpy(to + 4 * panel + 4 * c, bytes + 4, 4);
  }
}

static void pack_block(const struct octet_group_matmul *product, const uint8_t *weights, int32_t transposed,
                       int32_t k, int32_t octets, int32_t column, int32_t columns, uint8_t *to) {
  const int32_t panel = product->layout;
  const int32_t nibbles = group_weight_bits(product) == 4;
  uint8_t octet[OCTET_BYTES_MAX] = {0};
  for (int32_t o = 0; o < octets; o++, k += 8) {
    const int32_t rows = product->k - k < 8 ? product->k - k : 8;
    uint8_t *spread_out = nibbles ? octet : to;
    if (transposed) {
      gather_columns(product, weights, k, rows, column, columns, spread_out);
    } else {
      gather_rows(product, weights, k, rows, column, columns, spread_out);
    }
    if (nibbles) {
      for (int32_t i = 0; i < 4 * panel; i++) {
        to[i] = (uint8_t)(octet[i] | octet[4 * panel + i] << 4);
      }
    }
    to += (nibbles ? 4 : 8) * panel;
  }
}

void octet_group_matmul_pack(const struct octet_group_matmul *product, const void *weights,
                             int32_t transposed, const float *scales, const int32_t *zero_points,
                             int64_t group_stride, int64_t column_stride, int32_t first_column,
                             int32_t columns, void *packed) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t panel = product->layout;
  const int32_t offset = group_weight_offset(product->type);
  const int32_t end = first_column + columns;
  for (int32_t column = first_column; column < end; column += panel) {
    const int32_t width = end - column < panel ? end - column : panel;
    uint8_t *to = (uint8_t *)packed + column / panel * layout.panel;
    if (width < panel) {
      __builtin_memset(to, 0, (uint64_t)layout.panel);
    }
    for (int32_t g = 0; g < layout.groups; g++) {
      const int64_t parameter = g * group_stride + column * column_stride;
      const int32_t octets = g + 1 < layout.groups ? layout.octets : layout.last_octets;
      pack_scales(product->scale_type, scales + parameter, column_stride, width, to);
      to += layout.scales;
      if (layout.zero_points > 0) {
        for (int32_t c = 0; c < width; c++) {
          int32_t zero_point;
          __builtin_memcpy(&zero_point, zero_points + parameter + c * column_stride, sizeof zero_point);
          to[c] = (uint8_t)(zero_point + offset);
        }
        to += layout.zero_points;
      }
      pack_block(product, weights, transposed, g * product->group, octets, column, width, to);
      to += octets * layout.octet;
    }
  }
}
