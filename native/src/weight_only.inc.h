/* Float rows times weights that become floats. Few rows: a panel's weights are streamed once, made floats in
   registers and used by up to 4 rows. More rows: 128 k of a panel at a time become floats in 8 or 16 KB of L1
   cache, from which a tile of rows multiplies them. Included with the vector type (group_512.h, group_256.h)
   and OCTET_TILE_ROWS: 12 or 6, rows of a tile; float_base(bits), by which weights as they become floats are
   greater than packed ones; float_table(zero_point), kept as block->values; weight(bits, packed, lanes, i,
   block, v): weight i of the eight in an octet's lanes, as floats, its zero point taken away. */
#include "kernels.h"
#include "weight_only_tile.inc.h"

/* The zero point of all weights as they are packed. */
static inline int32_t common_zero_point(const struct octet_group_matmul *product) {
  return product->zero_point + group_weight_offset(product->type);
}

/* bits and packed (whether zero points are packed) are constants from here on. */
ALWAYS_INLINE void begin(int32_t bits, const struct octet_group_matmul *product, struct block *block) {
  const float common =
      product->zero_point == OCTET_ZERO_POINTS_PACKED ? 0 : (float)common_zero_point(product);
  block->values = float_table(common);
  block->zero_points[0] = block->zero_points[1] = floats_of(float_base(bits) + common);
  block->scales[0] = block->scales[1] = floats_of(0);
}

ALWAYS_INLINE void next(int32_t bits, int32_t packed, const struct octet_group_matmul *product,
                        const struct group_layout *layout, const uint8_t *panel, struct block *block) {
#pragma GCC unroll 2
  for (int32_t v = 0; v < 2; v++) {
    block->scales[v] = load_scales(product->scale_type, panel, v * VECTOR_COLUMNS);
    if (packed) {
      const floats z = floats_of_lanes(load_zero_points(panel + layout->scales + v * VECTOR_COLUMNS));
      block->zero_points[v] = added(floats_of(float_base(bits)), z);
    }
  }
}

/* The lanes of weights i to i + 3 in vector v of an octet. */
ALWAYS_INLINE lanes packed_lanes(int32_t bits, const uint8_t *octet, int32_t i, int32_t v) {
  return load_lanes(octet + 4 * VECTOR_COLUMNS * (v + (bits == 8 ? i / 4 * 2 : 0)));
}

/* An octet of up to four rows, times weights without their scale; parts accumulators a row and vector, so
   that sums do not wait for each other. */
ALWAYS_INLINE void stream_octet(int32_t bits, int32_t packed, int32_t rows, int32_t parts,
                                const uint8_t *octet, const struct block *block, const float *x,
                                int64_t stride, floats sums[][2][4]) {
#pragma GCC unroll 8
  for (int32_t i = 0; i < 8; i++) {
    const floats w0 = weight(bits, packed, packed_lanes(bits, octet, i, 0), i, block, 0);
    const floats w1 = weight(bits, packed, packed_lanes(bits, octet, i, 1), i, block, 1);
#pragma GCC unroll 4
    for (int32_t r = 0; r < rows; r++) {
      const floats a = floats_of(load_float(x, r * stride + i));
      sums[r][0][i % parts] = fused(a, w0, sums[r][0][i % parts]);
      sums[r][1][i % parts] = fused(a, w1, sums[r][1][i % parts]);
    }
  }
}

/* Up to four rows; for is_mild floats. */
ALWAYS_INLINE void stream(int32_t bits, int32_t packed, int32_t rows,
                          const struct octet_group_matmul *product, const struct group_layout *layout,
                          const float *x, int64_t x_stride, float *dst, int64_t dst_stride, int32_t column,
                          int32_t end) {
  const int32_t parts = rows == 1 ? 4 : rows == 2 ? 2 : 1;
  const int32_t tail = product->k % 8;
  float last[STREAM_ROWS][8];
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t i = 0; i < 8; i++) {
      last[r][i] = i < tail ? load_float(x, r * x_stride + product->k - tail + i) : 0;
    }
  }
  for (; column < end; column += PANEL_COLUMNS) {
    const uint8_t *octet = group_panel(product, layout, column);
    const float *from = x;
    struct block block;
    floats y[STREAM_ROWS][2];
    begin(bits, product, &block);
#pragma GCC unroll 4
    for (int32_t r = 0; r < rows; r++) {
      y[r][0] = y[r][1] = floats_of(0);
    }
    for (int32_t g = 0; g < layout->groups; g++) {
      const int32_t is_last = g + 1 == layout->groups;
      const int32_t octets = (is_last ? layout->last_octets : layout->octets) - (is_last && tail > 0);
      floats sums[STREAM_ROWS][2][4];
#pragma GCC unroll 4
      for (int32_t r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int32_t part = 0; part < parts; part++) {
          sums[r][0][part] = sums[r][1][part] = floats_of(0);
        }
      }
      next(bits, packed, product, layout, octet, &block);
      octet += layout->scales + layout->zero_points;
      for (int32_t o = 0; o < octets; o++) {
        stream_octet(bits, packed, rows, parts, octet, &block, from, x_stride, sums);
        octet += bits * PANEL_COLUMNS;
        from += 8;
      }
      if (is_last && tail > 0) {
        stream_octet(bits, packed, rows, parts, octet, &block, last[0], 8, sums);
      }
#pragma GCC unroll 4
      for (int32_t r = 0; r < rows; r++) {
        y[r][0] = fused(sum_of(parts, sums[r][0]), block.scales[0], y[r][0]);
        y[r][1] = fused(sum_of(parts, sums[r][1]), block.scales[1], y[r][1]);
      }
    }
    end_stream(product, 1, rows, y, dst, dst_stride, column, end);
  }
}

/* Octets of one block to floats, [8 * octets][PANEL_COLUMNS]. */
ALWAYS_INLINE void expand(int32_t bits, int32_t packed, const struct block *block, const uint8_t *weights,
                          int32_t octets, float *to) {
  for (int32_t o = 0; o < octets; o++, weights += bits * PANEL_COLUMNS, to += 8 * PANEL_COLUMNS) {
#pragma GCC unroll 8
    for (int32_t i = 0; i < 8; i++) {
#pragma GCC unroll 2
      for (int32_t v = 0; v < 2; v++) {
        const floats w = weight(bits, packed, packed_lanes(bits, weights, i, v), i, block, v);
        store_floats(to + i * PANEL_COLUMNS + v * VECTOR_COLUMNS, multiplied(w, block->scales[v]));
      }
    }
  }
}

ALWAYS_INLINE void by_chunks(int32_t bits, int32_t packed, const struct octet_group_matmul *product,
                             const struct group_layout *layout, const float *x, int64_t x_stride, float *dst,
                             int64_t dst_stride, int32_t rows, int32_t column, int32_t end) {
  _Alignas(64) float chunk[CHUNK * PANEL_COLUMNS];
  for (; column < end; column += PANEL_COLUMNS) {
    const uint8_t *panel = group_panel(product, layout, column);
    struct block block;
    begin(bits, product, &block);
    int32_t filled = 0;
    int32_t first = 0;
    for (int32_t g = 0; g < layout->groups; g++) {
      next(bits, packed, product, layout, panel, &block);
      panel += layout->scales + layout->zero_points;
      int32_t octets = g + 1 < layout->groups ? layout->octets : layout->last_octets;
      while (octets > 0) {
        const int32_t step = octets < CHUNK_OCTETS - filled ? octets : CHUNK_OCTETS - filled;
        expand(bits, packed, &block, panel, step, chunk + filled * 8 * PANEL_COLUMNS);
        panel += step * bits * PANEL_COLUMNS;
        octets -= step;
        filled += step;
        const int32_t left = product->k - first;
        if (filled == CHUNK_OCTETS || 8 * filled >= left) {
          const int32_t count = left < CHUNK ? left : CHUNK;
          multiply_rows(product, chunk, first, count, x, x_stride, dst, dst_stride, rows, column, end);
          first += count;
          filled = 0;
        }
      }
    }
  }
}

ALWAYS_INLINE void run_packed(int32_t bits, int32_t packed, const struct octet_group_matmul *product,
                              const float *src, int64_t src_stride, float *dst, int64_t dst_stride,
                              int32_t rows, int32_t first_column, int32_t end) {
  const struct group_layout layout = group_layout_of(product);
  if (rows > STREAM_ROWS || !is_mild(product, src, src_stride, rows)) {
    by_chunks(bits, packed, product, &layout, src, src_stride, dst, dst_stride, rows, first_column, end);
    return;
  }
#define OCTET_STREAM(stream_rows)                                                                       \
  case stream_rows:                                                                                     \
    stream(bits, packed, stream_rows, product, &layout, src, src_stride, dst, dst_stride, first_column, \
           end);                                                                                        \
    break;
  switch (rows) {
    OCTET_STREAM(4)
    OCTET_STREAM(3)
    OCTET_STREAM(2)
    OCTET_STREAM(1)
    default:
      break;
  }
#undef OCTET_STREAM
}

ALWAYS_INLINE void run(int32_t bits, const struct octet_group_matmul *product, const void *src,
                       int64_t src_stride, void *dst, int64_t dst_stride, int32_t rows, int32_t first_column,
                       int32_t columns) {
  if (product->zero_point == OCTET_ZERO_POINTS_PACKED) {
    run_packed(bits, 1, product, src, src_stride, dst, dst_stride, rows, first_column,
               first_column + columns);
  } else {
    run_packed(bits, 0, product, src, src_stride, dst, dst_stride, rows, first_column,
               first_column + columns);
  }
}
