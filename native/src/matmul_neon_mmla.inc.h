/* Tiles by usmmla: two rows of 8 K times two columns of 8 K give four sums of a register. 6 rows by 16
   columns are 24 registers of sums; three hold 8 K of the rows, two rows each, and one or two the weights.
   Per 8 K 24 products need 8 loads of weights, 6 of rows and 3 instructions that join them. Neoverse V1
   starts four products in a cycle and N2 two, each twice the multiplications of a dot product, and three
   loads. A single row is its own second one: 8 products for 8 K and 16 columns, as many as usdot would take.

   Weights are S8, rows U8, so nothing is taken off. The last four of an odd number of fours goes by usdot.

   The file that includes this has defined FLIPS and RUNS, see struct tile. */

enum { PAIR_BYTES = PANEL_COLUMNS * 8 };

ALWAYS_INLINE int8x16_t load_weights(const int8_t *from) {
  return vld1q_s8(from);
}

ALWAYS_INLINE uint8x16_t flipped(uint8x16_t bytes, uint32_t flip) {
  return FLIPS ? veorq_u8(bytes, vreinterpretq_u8_u32(vdupq_n_u32(flip))) : bytes;
}

/* 8 K of two rows, the last one twice where there is no other. */
ALWAYS_INLINE uint8x16_t load_rows(const uint8_t *src, int64_t stride, int second, uint32_t flip) {
  return flipped(vcombine_u8(vld1_u8(src), vld1_u8(src + second * stride)), flip);
}

ALWAYS_INLINE uint8x16_t broadcast_four(const uint8_t *from, uint32_t flip) {
  uint32_t four;
  __builtin_memcpy(&four, from, 4);
  return vreinterpretq_u8_u32(vdupq_n_u32(FLIPS ? four ^ flip : four));
}

/* The last whole four of a row, already flipped, and its tail. */
ALWAYS_INLINE uint8x8_t four_and_tail(const struct tile *tile, const uint8_t *last, int32_t row) {
  uint32_t four;
  __builtin_memcpy(&four, last + row * tile->src_stride, 4);
  four ^= FLIPS ? tile->flip : 0;
  return vcreate_u8(four | (uint64_t)tile->tails[row] << 32);
}

ALWAYS_INLINE void multiply_pairs(const int pairs, const uint8x16_t *rows, const int8_t *weights,
                                  int32x4_t *squares) {
  UNROLL for (int c = 0; c < 8; c++) {
    const int8x16_t w = load_weights(weights + c * 16);
    UNROLL for (int p = 0; p < pairs; p++) {
      squares[p * 8 + c] = vusmmlaq_s32(squares[p * 8 + c], rows[p], w);
    }
  }
}

ALWAYS_INLINE void multiply_four(uint8x16_t four, const int8_t *weights, int32x4_t *sums) {
  UNROLL for (int v = 0; v < 4; v++) {
    sums[v] = vusdotq_s32(sums[v], four, load_weights(weights + v * 16));
  }
}

ALWAYS_INLINE void multiply_panel(const int rows, const struct tile *tile, const int8_t *weights,
                                  const loose_int *start, loose_int *to) {
  const int pairs = (rows + 1) / 2;
  const int64_t stride = tile->src_stride;
  const int32_t whole = tile->steps / 2;
  const int odd = tile->steps % 2;
  const int tails = !RUNS && tile->tails != 0;
  const int64_t run_bytes = (int64_t)tile->steps * 4 * PANEL_COLUMNS;
  const uint8_t *last = tile->src + (int64_t)whole * 8;
  int32x4_t squares[24];
  UNROLL for (int i = 0; i < pairs * 8; i++) {
    squares[i] = vdupq_n_s32(0);
  }
  for (int32_t run = 0; run < (RUNS ? tile->runs : 1); run++) {
    const uint8_t *src = tile->src + (RUNS ? run * tile->run_stride : 0);
    const int8_t *from = weights + (RUNS ? run * run_bytes : 0);
    for (int32_t i = 0; i < whole; i++) {
      uint8x16_t row[3];
      UNROLL for (int p = 0; p < pairs; p++) {
        row[p] = load_rows(src + 2 * p * stride, stride, 2 * p + 1 < rows, tile->flip);
      }
      multiply_pairs(pairs, row, from, squares);
      src += 8;
      from += PAIR_BYTES;
    }
  }
  if (tails && odd) {
    uint8x16_t row[3];
    UNROLL for (int p = 0; p < pairs; p++) {
      const int second = 2 * p + 1 < rows ? 2 * p + 1 : 2 * p;
      row[p] = vcombine_u8(four_and_tail(tile, last, 2 * p), four_and_tail(tile, last, second));
    }
    multiply_pairs(pairs, row, weights + (int64_t)whole * PAIR_BYTES, squares);
  }
  UNROLL for (int r = 0; r < rows; r++) {
    int32x4_t sums[4];
    UNROLL for (int v = 0; v < 4; v++) {
      const int64x2_t left = vreinterpretq_s64_s32(squares[r / 2 * 8 + v * 2]);
      const int64x2_t right = vreinterpretq_s64_s32(squares[r / 2 * 8 + v * 2 + 1]);
      const int64x2_t row = r % 2 == 0 ? vzip1q_s64(left, right) : vzip2q_s64(left, right);
      sums[v] =
          vaddq_s32(load_integers(start + r * tile->start_stride + v * LANES), vreinterpretq_s32_s64(row));
    }
    for (int32_t run = 0; odd && !tails && run < (RUNS ? tile->runs : 1); run++) {
      const uint8_t *four = last + r * stride + (RUNS ? run * tile->run_stride : 0);
      const int8_t *from = weights + (int64_t)whole * PAIR_BYTES + (RUNS ? run * run_bytes : 0);
      multiply_four(broadcast_four(four, tile->flip), from, sums);
    }
    if (tails && !odd) {
      multiply_four(vreinterpretq_u8_u32(vdupq_n_u32(tile->tails[r])), weights + run_bytes, sums);
    }
    UNROLL for (int v = 0; v < 4; v++) {
      store_lanes_of(to + r * tile->sums_stride + v * LANES, sums[v], LANES);
    }
  }
}

#define MULTIPLY_PANEL(rows)                                                                                \
  static void multiply_panel_##rows(const struct tile *tile, const int8_t *weights, const loose_int *start, \
                                    loose_int *sums) {                                                      \
    multiply_panel(rows, tile, weights, start, sums);                                                       \
  }
MULTIPLY_PANEL(1)
MULTIPLY_PANEL(2)
MULTIPLY_PANEL(3)
MULTIPLY_PANEL(4)
MULTIPLY_PANEL(5)
MULTIPLY_PANEL(6)

#include "matmul_panels.inc.h"
