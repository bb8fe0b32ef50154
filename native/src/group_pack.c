/* Packing of weights in groups: the geometry is in group_layout.h. Eight weights at a time in a 64-bit word,
   which needs no instruction set of its own. */
#include "group_float_bits.h"
#include "group_layout.h"
#include "scalars.h"

/* Of [k][n] that are packed together: two cache lines of nibbles, four of bytes. */
enum { STRIP_COLUMNS = 256 };

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
static inline uint64_t spread(uint32_t nibbles) {
  uint64_t x = nibbles;
  x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
  x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
  return (x | x << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
}

static inline uint64_t each(uint8_t byte) {
  return UINT64_C(0x0101010101010101) * byte;
}

/* Eight weights from an element on, made unsigned, a byte each. */
static inline uint64_t eight(int32_t type, const uint8_t *from, int64_t element) {
  if (type == OCTET_S8) {
    uint64_t bytes;
    __builtin_memcpy(&bytes, from + element, sizeof bytes);
    return bytes ^ each(0x80);
  }
  uint32_t nibbles;
  __builtin_memcpy(&nibbles, from + element / 2, sizeof nibbles);
  if ((element & 1) != 0) {
    nibbles = nibbles >> 4 | (uint32_t)from[element / 2 + 4] << 28;
  }
  return spread(nibbles) ^ each(type == OCTET_S4 ? 8 : 0);
}

/* The same for fewer than eight; the rest is 0. */
static uint64_t some(int32_t type, const uint8_t *from, int64_t element, int32_t count) {
  uint64_t bytes = 0;
  for (int32_t i = 0; i < count; i++, element++) {
    const int32_t stored = type == OCTET_S8     ? from[element] ^ 0x80
                           : (element & 1) != 0 ? from[element / 2] >> 4
                                                : from[element / 2] & 0xf;
    bytes |= (uint64_t)(type == OCTET_S4 ? stored ^ 8 : stored) << 8 * i;
  }
  return bytes;
}

static inline uint64_t up_to_eight(int32_t type, const uint8_t *from, int64_t element, int32_t count) {
  return count >= 8 ? eight(type, from, element) : some(type, from, element, count);
}

/* Eight k of one column, as they lie in an octet. */
static inline void store(int32_t type, uint64_t eight_k, int32_t panel, int32_t column, uint8_t *to) {
  const uint32_t first = (uint32_t)eight_k;
  const uint32_t second = (uint32_t)(eight_k >> 32);
  if (type == OCTET_S8) {
    __builtin_memcpy(to + 4 * column, &first, sizeof first);
    __builtin_memcpy(to + 4 * panel + 4 * column, &second, sizeof second);
  } else {
    const uint32_t both = first | second << 4;
    __builtin_memcpy(to + 4 * column, &both, sizeof both);
  }
}

typedef uint8_t sixteen __attribute__((vector_size(16)));
typedef uint16_t eight_pairs __attribute__((vector_size(16)));

/* Four k of 16 columns, four bytes a column, from four rows of bytes. */
static inline void interleave(const sixteen rows[4], eight_pairs out[4]) {
#pragma GCC unroll 2
  for (int32_t half = 0; half < 2; half++) {
    eight_pairs pairs[2];
#pragma GCC unroll 2
    for (int32_t i = 0; i < 2; i++) {
      const sixteen a = rows[2 * i];
      const sixteen b = rows[2 * i + 1];
      pairs[i] = (eight_pairs)(half == 0 ? __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                                                   21, 6, 22, 7, 23)
                                         : __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                                   13, 29, 14, 30, 15, 31));
    }
    out[2 * half] = __builtin_shufflevector(pairs[0], pairs[1], 0, 8, 1, 9, 2, 10, 3, 11);
    out[2 * half + 1] = __builtin_shufflevector(pairs[0], pairs[1], 4, 12, 5, 13, 6, 14, 7, 15);
  }
}

/* Octets of a block from [n][k]. */
static inline void pack_columns(int32_t type, const struct octet_group_matmul *product,
                                const uint8_t *weights, int32_t k, int32_t rows, int32_t column,
                                int32_t columns, int64_t octet, uint8_t *to) {
  for (int32_t c = 0; c < columns; c++) {
    const int64_t first = (int64_t)(column + c) * product->k + k;
    for (int32_t i = 0; i < rows; i += 8) {
      store(type, up_to_eight(type, weights, first + i, rows - i), product->layout, c, to + i / 8 * octet);
    }
  }
}

/* Octets of a block from [k][n]: 8 rows of 16 columns at a time. */
static inline void pack_rows(int32_t type, const struct octet_group_matmul *product, const uint8_t *weights,
                             int32_t k, int32_t rows, int32_t column, int32_t columns, int64_t octet,
                             uint8_t *to) {
  for (int32_t i = 0; i < rows; i += 8, to += octet) {
    for (int32_t c = 0; c < columns; c += 16) {
      uint64_t halves[8][2] = {{0}};
      for (int32_t r = 0; r < 8 && i + r < rows; r++) {
        const int64_t element = (int64_t)(k + i + r) * product->n + column + c;
        halves[r][0] = up_to_eight(type, weights, element, columns - c);
        halves[r][1] = up_to_eight(type, weights, element + 8, columns - c - 8);
      }
      sixteen bytes[8];
      eight_pairs first[4];
      eight_pairs second[4];
      __builtin_memcpy(bytes, halves, sizeof bytes);
      interleave(bytes, first);
      interleave(bytes + 4, second);
      if (type == OCTET_S8) {
        __builtin_memcpy(to + 4 * c, first, sizeof first);
        __builtin_memcpy(to + 4 * product->layout + 4 * c, second, sizeof second);
      } else {
        for (int32_t j = 0; j < 4; j++) {
          first[j] |= second[j] << 4;
        }
        __builtin_memcpy(to + 4 * c, first, sizeof first);
      }
    }
  }
}

/* The weights of a block; a type that is a constant for each makes the loops short. */
static void pack_weights(const struct octet_group_matmul *product, const uint8_t *weights, int32_t transposed,
                         int32_t k, int32_t rows, int32_t column, int32_t columns, int64_t octet,
                         uint8_t *to) {
#define OCTET_PACK(type)                                                         \
  case type:                                                                     \
    if (transposed) {                                                            \
      pack_columns(type, product, weights, k, rows, column, columns, octet, to); \
    } else {                                                                     \
      pack_rows(type, product, weights, k, rows, column, columns, octet, to);    \
    }                                                                            \
    break;
  switch (product->type) {
    OCTET_PACK(OCTET_S8)
    OCTET_PACK(OCTET_S4)
    OCTET_PACK(OCTET_U4)
    default:
      break;
  }
#undef OCTET_PACK
}

/* One block: scales, zero points, weights. */
static void pack_block(const struct octet_group_matmul *product, const struct group_layout *layout,
                       const uint8_t *weights, int32_t transposed, const float *scales,
                       const int32_t *zero_points, int64_t column_stride, int32_t group, int32_t column,
                       int32_t columns, uint8_t *to) {
  const int32_t first = group * product->group;
  const int32_t rows = product->k - first < product->group ? product->k - first : product->group;
  pack_scales(product->scale_type, scales, column_stride, columns, to);
  to += layout->scales;
  if (layout->zero_points > 0) {
    for (int32_t c = 0; c < columns; c++) {
      to[c] = (uint8_t)(load_int(zero_points, c * column_stride) + group_weight_offset(product->type));
    }
    to += layout->zero_points;
  }
  pack_weights(product, weights, transposed, first, rows, column, columns, layout->octet, to);
}

void octet_group_matmul_pack(const struct octet_group_matmul *product, const void *weights,
                             int32_t transposed, const float *scales, const int32_t *zero_points,
                             int64_t group_stride, int64_t column_stride, int32_t first_column,
                             int32_t columns, void *packed) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t panel = product->layout;
  const int32_t end = first_column + columns;
  /* Block by block over some panels, so that what a cache line of [k][n] holds is used while it is there. */
  for (int32_t strip = first_column; strip < end; strip += STRIP_COLUMNS) {
    const int32_t strip_end = end - strip < STRIP_COLUMNS ? end : strip + STRIP_COLUMNS;
    for (int32_t g = 0; g < layout.groups; g++) {
      for (int32_t column = strip; column < strip_end; column += panel) {
        const int32_t width = strip_end - column < panel ? strip_end - column : panel;
        const int64_t parameter = g * group_stride + column * column_stride;
        uint8_t *to = (uint8_t *)packed + column / panel * layout.panel + g * layout.block;
        if (width < panel) {
          const int64_t bytes = g + 1 < layout.groups ? layout.block : layout.panel - g * layout.block;
          __builtin_memset(to, 0, (uint64_t)bytes);
        }
        pack_block(product, &layout, weights, transposed, scales + parameter,
                   zero_points == 0 ? 0 : zero_points + parameter, column_stride, g, column, width, to);
      }
    }
  }
}
