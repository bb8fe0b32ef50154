/* Rows quantized by group times weights in block formats: a tile of rows and two vectors of columns. Included
   with the vector type (group_512.h, group_256.h), what block_products.inc.h needs, and QUANTIZE, the kernel
   that quantizes rows; KEEP_IN_MEMORY(y), as in group_dynamic.inc.h. OCTET_FORMATS_HERE(X) if these are not
   all formats, and OCTET_FORMATS_ELSEWHERE, a block_multiply for the others. */
#include "block_products.inc.h"
#include "block_run.h"
#include "group_finish.inc.h"
#include "kernels.h"

#ifndef OCTET_FORMATS_HERE
#define OCTET_FORMATS_HERE OCTET_BLOCK_FORMATS
#endif

enum { TILE_ROWS = 4 };

/* Rows times one or two panels; format, rows and panels are constants where this is inlined. A single row
   takes two panels at a time: more of what is far away is asked for at once. */
ALWAYS_INLINE void tile(int32_t format, int32_t rows, int32_t panels,
                        const struct octet_group_matmul *product, int64_t panel_bytes,
                        const struct block_rows *from, int32_t first_row, const uint8_t *at, float *dst,
                        int64_t dst_stride, int32_t column, int32_t end) {
  const int32_t groups = from->rows.groups;
  const int32_t stretch = block_stretch(format);
  const int32_t steps = block_scales(format);
  const int8_t *values = from->rows.values + first_row * from->rows.stride;
  const float *row_scales = from->rows.scales + (int64_t)first_row * groups;
  const int32_t *starts = from->starts + (int64_t)first_row * groups * steps;
  const float *row_sums = from->sums + (int64_t)first_row * groups;
  const lanes table = table_of(format);
  /* Row r of panel p is at p * rows + r. */
  floats y[TILE_ROWS][2];
#pragma GCC unroll 4
  for (int32_t i = 0; i < rows * panels; i++) {
    y[i][0] = y[i][1] = floats_of(0);
  }
  for (int32_t g = 0; g < groups;) {
    const uint8_t *head = at;
    at += block_head_bytes(format) * PANEL_COLUMNS;
    floats d[2][2];
    floats dmin[2][2];
#pragma GCC unroll 2
    for (int32_t p = 0; p < panels; p++) {
#pragma GCC unroll 2
      for (int32_t v = 0; v < 2; v++) {
        d[p][v] = load_head(format, head + p * panel_bytes, 0, v * VECTOR_COLUMNS);
        if (block_has_minimum(format)) {
          dmin[p][v] = load_head(format, head + p * panel_bytes, 1, v * VECTOR_COLUMNS);
        }
      }
    }
    const int32_t behind = groups - g < stretch ? groups : g + stretch;
    for (; g < behind; g++, values += BLOCK_GROUP) {
      const uint8_t *weights = at + block_scale_bytes(format) * PANEL_COLUMNS;
#pragma GCC unroll 2
      for (int32_t p = 0; p < panels; p++) {
        const uint8_t *scales = at + p * panel_bytes;
#pragma GCC unroll 2
        for (int32_t step = 0; step < steps; step++) {
          lanes sums[TILE_ROWS][2];
#pragma GCC unroll 4
          for (int32_t r = 0; r < rows; r++) {
            sums[r][0] = sums[r][1] =
                lanes_of(block_has_minimum(format) ? 0 : starts[(r * groups + g) * steps + step]);
          }
          multiply_octets(format, rows, sums, table, weights + p * panel_bytes, step * OCTETS / steps,
                          (step + 1) * OCTETS / steps, values, from->rows.stride);
          const floats s0 = scales_of(format, head + p * panel_bytes, g, scales, step, 0, d[p][0]);
          const floats s1 =
              scales_of(format, head + p * panel_bytes, g, scales, step, VECTOR_COLUMNS, d[p][1]);
#pragma GCC unroll 4
          for (int32_t r = 0; r < rows; r++) {
            const int32_t i = p * rows + r;
            const floats scale = floats_of(row_scales[r * groups + g]);
            y[i][0] = fused(floats_of_lanes(sums[r][0]), multiplied(scale, s0), y[i][0]);
            y[i][1] = fused(floats_of_lanes(sums[r][1]), multiplied(scale, s1), y[i][1]);
          }
        }
        if (block_has_minimum(format)) {
          const floats m0 = minimums_of(format, scales, 0, dmin[p][0]);
          const floats m1 = minimums_of(format, scales, VECTOR_COLUMNS, dmin[p][1]);
#pragma GCC unroll 4
          for (int32_t r = 0; r < rows; r++) {
            const int32_t i = p * rows + r;
            const floats sum = floats_of(row_sums[r * groups + g]);
            y[i][0] = fused(m0, sum, y[i][0]);
            y[i][1] = fused(m1, sum, y[i][1]);
          }
        }
      }
      KEEP_IN_MEMORY(y);
      at += block_group_bytes(format) * PANEL_COLUMNS;
    }
  }
  end_tile(product, 1, rows, panels, y, dst + first_row * dst_stride, dst_stride, column, end);
}

/* Rows that are quantized times the panels of a range of columns. */
ALWAYS_INLINE void multiply_panels(int32_t format, const struct octet_group_matmul *product,
                                   const struct block_rows *from, int32_t rows, float *dst,
                                   int64_t dst_stride, int32_t column, int32_t end) {
  const int64_t bytes = block_panel_bytes(format, product->k, PANEL_COLUMNS);
  const uint8_t *panel = (const uint8_t *)product->weights + column / PANEL_COLUMNS * bytes;
  if (rows == 1) {
    for (; column < end - PANEL_COLUMNS; column += 2 * PANEL_COLUMNS, panel += 2 * bytes) {
      tile(format, 1, 2, product, bytes, from, 0, panel, dst, 0, column, end);
    }
  }
  for (; column < end; column += PANEL_COLUMNS, panel += bytes) {
    int32_t r = 0;
    for (; r <= rows - TILE_ROWS; r += TILE_ROWS) {
      tile(format, TILE_ROWS, 1, product, bytes, from, r, panel, dst, dst_stride, column, end);
    }
    switch (rows - r) {
      case 3:
        tile(format, 3, 1, product, bytes, from, r, panel, dst, dst_stride, column, end);
        break;
      case 2:
        tile(format, 2, 1, product, bytes, from, r, panel, dst, dst_stride, column, end);
        break;
      case 1:
        tile(format, 1, 1, product, bytes, from, r, panel, dst, dst_stride, column, end);
        break;
      default:
        break;
    }
  }
}

/* Each format in a function of its own. */
#define OCTET_BLOCK_MULTIPLY(format)                                                                     \
  static __attribute__((noinline)) void multiply_##format(                                               \
      const struct octet_group_matmul *product, const struct block_rows *from, int32_t rows, float *dst, \
      int64_t dst_stride, int32_t column, int32_t end) {                                                 \
    multiply_panels(OCTET_BLOCK_##format, product, from, rows, dst, dst_stride, column, end);            \
  }

OCTET_FORMATS_HERE(OCTET_BLOCK_MULTIPLY)

static void multiply_rows(const struct octet_group_matmul *product, const struct block_rows *from,
                          int32_t rows, float *dst, int64_t dst_stride, int32_t column, int32_t end) {
#define OCTET_BLOCK_CASE(format)                                          \
  case OCTET_BLOCK_##format:                                              \
    multiply_##format(product, from, rows, dst, dst_stride, column, end); \
    break;
  switch (product->type) {
    OCTET_FORMATS_HERE(OCTET_BLOCK_CASE)
    default:
#ifdef OCTET_FORMATS_ELSEWHERE
      OCTET_FORMATS_ELSEWHERE(product, from, rows, dst, dst_stride, column, end);
#endif
      break;
  }
}

/* To be passed on, which what is always inlined cannot be. */
static int32_t offset_here(int32_t format) {
  return operand_offset(format);
}

static void run(const struct octet_group_matmul *product, const void *src, int64_t src_stride, void *dst,
                int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns, void *scratch) {
  block_run(QUANTIZE, offset_here, multiply_rows, product, src, src_stride, dst, dst_stride, rows,
            first_column, columns, scratch);
}
