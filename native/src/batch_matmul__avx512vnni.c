/* Attention's products: F32 from sums that no zero point of a row or column changes, without bounds. K is
   short there (the width of a head), so that what follows the sums counts as much as the sums: they are
   scaled in the registers they were summed in and stored once. Everything else takes the kernels of 8-bit
   products. */
#include <immintrin.h>

#include "kernels.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* A loop over registers: not one may be left rolled, or the compiler keeps them in memory. */
#define UNROLL _Pragma("GCC unroll 32")

enum { LANES = 16, PANEL_COLUMNS = 64, TILE_ROWS = 6 };

/* Rows of the left operand times one panel. */
struct panel {
  const uint8_t *left;
  int64_t left_stride;
  /* NULL: all 1. */
  const char *scales;
  const int8_t *packed;
  const int32_t *offsets;
  const float *multipliers;
  char *out;
  int64_t out_stride;
  int32_t k;
  /* XORed to four bytes of the left operand: makes U8 of S8. */
  int32_t flip;
  /* Of the last vector of columns. */
  __mmask16 present;
};

/* Emits nothing, but the compiler takes it that each sum was read and changed here, in a register. Without,
   gcc 12 keeps half of the tile in memory: it sees that all rows begin alike and takes them apart again in
   each step. */
ALWAYS_INLINE void pin(const int count, __m512i *sums) {
  UNROLL for (int i = 0; i < count; i++) {
    __asm__("" : "+v"(sums[i]));
  }
}

ALWAYS_INLINE __m512i four_of(const uint8_t *from, int32_t bytes, __m512i flip) {
  int32_t four = 0;
  if (bytes == 4) {
    __builtin_memcpy(&four, from, 4);
  } else {
    /* Packed weights are 0 beyond K: the other bytes do not count. */
    for (int32_t i = 0; i < bytes; i++) {
      four |= from[i] << 8 * i;
    }
  }
  return _mm512_xor_si512(_mm512_set1_epi32(four), flip);
}

ALWAYS_INLINE void add_step(const int rows, const int vectors, __m512i *sums, const uint8_t *left,
                            int64_t stride, int32_t bytes, const int8_t *packed, __m512i flip) {
  __m512i columns[4];
  UNROLL for (int v = 0; v < vectors; v++) {
    columns[v] = _mm512_loadu_si512(packed + v * LANES * 4);
  }
  UNROLL for (int r = 0; r < rows; r++) {
    const __m512i row = four_of(left + r * stride, bytes, flip);
    UNROLL for (int v = 0; v < vectors; v++) {
      sums[r * vectors + v] = _mm512_dpbusd_epi32(sums[r * vectors + v], row, columns[v]);
    }
  }
}

ALWAYS_INLINE void multiply_tile(const int rows, const int vectors, const struct panel *p, int32_t first) {
  const int64_t stride = p->left_stride;
  const uint8_t *left = p->left + first * stride;
  const int8_t *packed = p->packed;
  const __m512i flip = _mm512_set1_epi32(p->flip);
  char *out = p->out + 4 * first * p->out_stride;
  __m512i sums[TILE_ROWS * 4];
  UNROLL for (int i = 0; i < rows * vectors; i++) {
    sums[i] = _mm512_loadu_si512(p->offsets + i % vectors * LANES);
  }
  pin(rows * vectors, sums);
  UNROLL for (int r = 0; r < rows; r++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      _mm_prefetch(out + 4 * (r * p->out_stride + v * LANES), _MM_HINT_ET0);
    }
  }
  for (int32_t step = 0; step < p->k / 4; step++) {
    add_step(rows, vectors, sums, left, stride, 4, packed, flip);
    left += 4;
    packed += PANEL_COLUMNS * 4;
    pin(rows * vectors, sums);
  }
  if (p->k % 4 != 0) {
    add_step(rows, vectors, sums, left, stride, p->k % 4, packed, flip);
  }
  pin(rows * vectors, sums);
  UNROLL for (int r = 0; r < rows; r++) {
    float scale = 1;
    if (p->scales != 0) {
      __builtin_memcpy(&scale, p->scales + 4 * (first + r), 4);
    }
    UNROLL for (int v = 0; v < vectors; v++) {
      const __m512 factor = _mm512_mul_ps(_mm512_set1_ps(scale), _mm512_loadu_ps(p->multipliers + v * LANES));
      const __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[r * vectors + v]), factor);
      char *to = out + 4 * (r * p->out_stride + v * LANES);
      if (v < vectors - 1) {
        _mm512_storeu_ps(to, y);
      } else {
        _mm512_mask_storeu_ps(to, p->present, y);
      }
    }
  }
}

/* A function for each shape: in one function for all of them gcc 12 keeps the sums of a tile in memory. */
typedef void tile_function(const struct panel *p, int32_t first);

#define TILE(rows, vectors)                                                       \
  static void multiply_##rows##x##vectors(const struct panel *p, int32_t first) { \
    multiply_tile(rows, vectors, p, first);                                       \
  }
#define TILES(vectors) \
  TILE(1, vectors)     \
  TILE(2, vectors)     \
  TILE(3, vectors)     \
  TILE(4, vectors)     \
  TILE(5, vectors)     \
  TILE(6, vectors)
TILES(1)
TILES(2)
TILES(3)
TILES(4)

#define FUNCTIONS(vectors)                                                                  \
  {                                                                                         \
    multiply_1x##vectors, multiply_2x##vectors, multiply_3x##vectors, multiply_4x##vectors, \
        multiply_5x##vectors, multiply_6x##vectors                                          \
  }
static tile_function *const TILE_FUNCTIONS[4][TILE_ROWS] = {FUNCTIONS(1), FUNCTIONS(2), FUNCTIONS(3),
                                                            FUNCTIONS(4)};

ALWAYS_INLINE void multiply(int32_t flip, const struct octet_matmul *product, const void *left,
                            int64_t left_stride, const void *scales, void *out, int64_t out_stride,
                            int32_t rows) {
  struct panel p = {.left = left,
                    .left_stride = left_stride,
                    .scales = scales,
                    .packed = product->weights,
                    .offsets = product->offsets,
                    .multipliers = product->multipliers,
                    .out = out,
                    .out_stride = out_stride,
                    .k = product->k,
                    .flip = flip};
  for (int32_t column = 0; column < product->n; column += PANEL_COLUMNS) {
    const int32_t left_over = product->n - column;
    const int32_t columns = left_over < PANEL_COLUMNS ? left_over : PANEL_COLUMNS;
    const int32_t vectors = (columns + LANES - 1) / LANES;
    p.present = (__mmask16)(0xffff >> (vectors * LANES - columns));
    tile_function *const *const functions = TILE_FUNCTIONS[vectors - 1];
    for (int32_t row = 0; row < rows; row += TILE_ROWS) {
      const int32_t rest = rows - row;
      functions[(rest < TILE_ROWS ? rest : TILE_ROWS) - 1](&p, row);
    }
    p.packed += (int64_t)(product->k + 3) / 4 * 4 * PANEL_COLUMNS;
    p.offsets += PANEL_COLUMNS;
    p.multipliers += PANEL_COLUMNS;
    p.out += 4 * PANEL_COLUMNS;
  }
}

void octet_u8s8_f32_pc_attention_6x64__avx512vnni(const struct octet_matmul *product, const void *left,
                                                  int64_t left_stride, const void *scales, void *out,
                                                  int64_t out_stride, int32_t rows) {
  multiply(0, product, left, left_stride, scales, out, out_stride, rows);
}

void octet_s8s8_f32_pc_attention_6x64__avx512vnni(const struct octet_matmul *product, const void *left,
                                                  int64_t left_stride, const void *scales, void *out,
                                                  int64_t out_stride, int32_t rows) {
  multiply((int32_t)0x80808080, product, left, left_stride, scales, out, out_stride, rows);
}
