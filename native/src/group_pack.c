/* Packing of weights in groups: the geometry is in group_layout.h. Vectors of 16 bytes, which the baseline
   has: no instruction set of its own is needed. */
#include "group_float_bits.h"
#include "group_layout.h"
#include "interleave.h"
#include "scalars.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum {
  /* Of [k][n] that are packed together: four cache lines of nibbles, eight of bytes. */
  STRIP_COLUMNS = 512,
  /* Of [n][k]: how far ahead a column is asked for, which no prefetcher does for so many at once. */
  AHEAD = 128,
  /* In a panel. */
  MOST_COLUMNS = 32
};

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
  return group_ceil_div(product->n, product->packed_layout) * layout.panel;
}

/* The scales of a block; into a row first, so that the compiler makes vectors of what follows. */
static void pack_scales(int32_t scale_type, const float *scales, int64_t stride, int32_t columns,
                        uint8_t *to) {
  float row[MOST_COLUMNS];
  uint16_t narrow[MOST_COLUMNS];
  for (int32_t c = 0; c < columns; c++) {
    row[c] = load_float(scales, c * stride);
  }
  if (scale_type == OCTET_SCALES_F32) {
    __builtin_memcpy(to, row, 4 * (uint64_t)columns);
    return;
  }
  for (int32_t c = 0; c < columns; c++) {
    narrow[c] = scale_type == OCTET_SCALES_F16 ? f16_of_float(row[c]) : (uint16_t)(float_bits(row[c]) >> 16);
  }
  __builtin_memcpy(to, narrow, 2 * (uint64_t)columns);
}

typedef uint16_t pairs __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* The first weights from an element on, as they are stored, the first in the lowest bits. */
static __attribute__((noinline)) uint64_t load_some(int32_t bits, const uint8_t *from, int64_t element,
                                                    int32_t count) {
  uint64_t stored = 0;
  for (int32_t i = 0; i < count; i++, element++) {
    const uint32_t byte = bits == 8 ? from[element] : from[element / 2];
    stored |= (uint64_t)(bits == 8 ? byte : byte >> (element & 1) * 4 & 0xf) << bits * i;
  }
  return stored;
}

/* As many as 64 bits hold; 0 behind the last one. bits is a constant from here on. */
ALWAYS_INLINE uint64_t load_weights(int32_t bits, const uint8_t *from, int64_t element, int32_t count) {
  if (__builtin_expect(count < 64 / bits, 0)) {
    return load_some(bits, from, element, count);
  }
  const uint8_t *bytes = from + (bits == 8 ? element : element >> 1);
  uint64_t stored;
  __builtin_memcpy(&stored, bytes, sizeof stored);
  return bits == 8 || (element & 1) == 0 ? stored : stored >> 4 | (uint64_t)bytes[8] << 60;
}

/* As many as 128 bits hold. */
ALWAYS_INLINE halves load_more_weights(int32_t bits, const uint8_t *from, int64_t element, int32_t count) {
  if (count >= 128 / bits && (bits == 8 || (element & 1) == 0)) {
    halves stored;
    __builtin_memcpy(&stored, from + (bits == 8 ? element : element >> 1), sizeof stored);
    return stored;
  }
  return (halves){load_weights(bits, from, element, count),
                  load_weights(bits, from, element + 64 / bits, count - 64 / bits)};
}

/* What makes S4 and S8 unsigned: the top bit of each weight. */
ALWAYS_INLINE words flips(int32_t type) {
  const uint32_t flip = type == OCTET_S8 ? 0x80808080 : type == OCTET_S4 ? 0x88888888 : 0;
  return (words){flip, flip, flip, flip};
}

ALWAYS_INLINE void store_words(words x, uint8_t *to) {
  __builtin_memcpy(to, &x, sizeof x);
}

ALWAYS_INLINE words low_pairs(bytes_16 a, bytes_16 b) {
  return (words)__builtin_shufflevector((pairs)a, (pairs)b, 0, 8, 1, 9, 2, 10, 3, 11);
}

ALWAYS_INLINE words high_pairs(bytes_16 a, bytes_16 b) {
  return (words)__builtin_shufflevector((pairs)a, (pairs)b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/* Four rows of 16 bytes: a word for each column. */
ALWAYS_INLINE void store_columns(const bytes_16 rows[4], words flip, uint8_t *to) {
  const bytes_16 first = interleave_low(rows[0], rows[1]);
  const bytes_16 second = interleave_low(rows[2], rows[3]);
  const bytes_16 third = interleave_high(rows[0], rows[1]);
  const bytes_16 fourth = interleave_high(rows[2], rows[3]);
  store_words(low_pairs(first, second) ^ flip, to);
  store_words(high_pairs(first, second) ^ flip, to + 16);
  store_words(low_pairs(third, fourth) ^ flip, to + 32);
  store_words(high_pairs(third, fourth) ^ flip, to + 48);
}

/* Two rows of 16 nibbles, and the two rows four below them as the high nibbles: two rows of bytes. */
ALWAYS_INLINE void join_nibbles(halves upper, halves lower, bytes_16 joined[2]) {
  const bytes_16 low = (bytes_16)(words){0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f};
  const bytes_16 even = ((bytes_16)upper & low) | ((bytes_16)(lower << 4) & ~low);
  const bytes_16 odd = ((bytes_16)(upper >> 4) & low) | ((bytes_16)lower & ~low);
  joined[0] = interleave_low(even, odd);
  joined[1] = interleave_high(even, odd);
}

/* 8 rows of 16 columns from [k][n]; fewer at the edges. */
ALWAYS_INLINE void pack_rows(int32_t bits, const uint8_t *weights, int64_t element, int64_t n, int32_t rows,
                             int32_t columns, int32_t panel, words flip, uint8_t *to) {
  bytes_16 square[8];
  if (bits == 8) {
#pragma GCC unroll 8
    for (int32_t r = 0; r < 8; r++, element += n) {
      square[r] = (bytes_16)load_more_weights(bits, weights, element, r < rows ? columns : 0);
    }
    store_columns(square + 4, flip, to + 4 * panel);
  } else {
    uint64_t stored[8];
#pragma GCC unroll 8
    for (int32_t r = 0; r < 8; r++, element += n) {
      stored[r] = load_weights(bits, weights, element, r < rows ? columns : 0);
    }
    join_nibbles((halves){stored[0], stored[1]}, (halves){stored[4], stored[5]}, square);
    join_nibbles((halves){stored[2], stored[3]}, (halves){stored[6], stored[7]}, square + 2);
  }
  store_columns(square, flip, to);
}

/* The eight nibbles of each word from k, k + 1, ... to k, k + 4, k + 1, k + 5, ...: the bytes in the middle
   change places, then the nibbles in the middle of each half. */
ALWAYS_INLINE words nibbles_in_order(words x) {
  const words middle = (x ^ x >> 8) & 0xff00;
  x ^= middle ^ middle << 8;
  const words inner = (x ^ x >> 4) & 0x00f000f0;
  return x ^ inner ^ inner << 4;
}

/* 4 columns from [n][k], as many rows as 128 bits hold; fewer at the edges. */
ALWAYS_INLINE void pack_columns(int32_t bits, const uint8_t *weights, int64_t element, int64_t k,
                                int32_t rows, int32_t columns, int32_t panel, words flip, uint8_t *to) {
  bytes_16 square[4];
#pragma GCC unroll 4
  for (int32_t c = 0; c < 4; c++, element += k) {
    __builtin_prefetch(weights + (bits == 8 ? element : element >> 1) + AHEAD);
    const halves column = load_more_weights(bits, weights, element, c < columns ? rows : 0);
    square[c] = (bytes_16)(bits == 8 ? (words)column : nibbles_in_order((words)column));
  }
  words turned[4];
#pragma GCC unroll 2
  for (int32_t i = 0; i < 2; i++) {
    const words a = (words)square[2 * i];
    const words b = (words)square[2 * i + 1];
    turned[2 * i] = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    turned[2 * i + 1] = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  }
#pragma GCC unroll 4
  for (int32_t i = 0; i < 4; i++) {
    const halves a = (halves)turned[i / 2];
    const halves b = (halves)turned[2 + i / 2];
    const halves word =
        i % 2 == 0 ? __builtin_shufflevector(a, b, 0, 2) : __builtin_shufflevector(a, b, 1, 3);
    if ((i * 32 / bits & ~7) < rows) {
      store_words((words)word ^ flip, to + i * 4 * panel);
    }
  }
}

/* The weights of a block. */
ALWAYS_INLINE void pack_weights(int32_t bits, const struct octet_group_matmul *product,
                                const uint8_t *weights, int32_t transposed, int32_t k, int32_t rows,
                                int32_t column, int32_t columns, uint8_t *to) {
  const words flip = flips(product->type);
  const int32_t panel = product->packed_layout;
  if (transposed) {
    const int32_t step = 128 / bits;
    for (int32_t c = 0; c < columns; c += 4) {
      const int64_t element = (int64_t)(column + c) * product->k + k;
      for (int32_t i = 0; i < rows; i += step) {
        pack_columns(bits, weights, element + i, product->k, rows - i, columns - c, panel, flip,
                     to + (int64_t)i * bits / 8 * panel + 4 * c);
      }
    }
  } else {
    for (int32_t i = 0; i < rows; i += 8) {
      const int64_t element = (int64_t)(k + i) * product->n + column;
      for (int32_t c = 0; c < columns; c += 16) {
        pack_rows(bits, weights, element + c, product->n, rows - i, columns - c, panel, flip,
                  to + (int64_t)i * bits / 8 * panel + 4 * c);
      }
    }
  }
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
  if (group_weight_bits(product) == 8) {
    pack_weights(8, product, weights, transposed, first, rows, column, columns, to);
  } else {
    pack_weights(4, product, weights, transposed, first, rows, column, columns, to);
  }
}

void octet_group_matmul_pack(const struct octet_group_matmul *product, const void *weights,
                             int32_t transposed, const float *scales, const int32_t *zero_points,
                             int64_t group_stride, int64_t column_stride, int32_t first_column,
                             int32_t columns, void *packed) {
  const struct group_layout layout = group_layout_of(product);
  const int32_t panel = product->packed_layout;
  const int32_t end = first_column + columns;
  /* Block by block: of [k][n] over some panels, so that what a cache line holds is used while it is there; of
     [n][k], whose columns often are a power of two apart and share few places in L1, over one. */
  const int32_t step = transposed ? panel : STRIP_COLUMNS;
  for (int32_t strip = first_column; strip < end; strip += step) {
    const int32_t strip_end = end - strip < step ? end : strip + step;
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
