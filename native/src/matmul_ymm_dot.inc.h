/* Tiles on 256 bits by vpdpbusd: 6 rows by 16 columns in 12 of the 16 registers.

   The file that includes this has defined FLIPS and RUNS, see struct tile. */

ALWAYS_INLINE __m256i broadcast_four(const uint8_t *from) {
  int32_t four;
  __builtin_memcpy(&four, from, 4);
  return _mm256_set1_epi32(four);
}

ALWAYS_INLINE __m256i load_weights(const int8_t *from) {
  return _mm256_loadu_si256((const __m256i *)from);
}

/* One vpdpbusd takes 4 cycles, and two start in each: a tile of few rows takes its steps in `split` separate
   sums, or it waits for itself. */
ALWAYS_INLINE void multiply_panel(const int rows, const int split, const struct tile *tile,
                                  const int8_t *weights, const loose_int *start, loose_int *to) {
  const __m256i flip = _mm256_set1_epi32(FLIPS ? (int32_t)tile->flip : 0);
  const int64_t stride = tile->src_stride;
  const uint8_t *src = tile->src;
  const int32_t steps = tile->steps;
  const int total = rows * 2;
  __m256i sums[12];
  UNROLL for (int i = 0; i < total * split; i++) {
    sums[i] = i >= total
                  ? _mm256_setzero_si256()
                  : _mm256_loadu_si256((const __m256i *)(start + i / 2 * tile->start_stride + i % 2 * LANES));
  }
  for (int32_t run = 0; run < (RUNS ? tile->runs : 1); run++) {
    int32_t step = 0;
    src = tile->src + (RUNS ? run * tile->run_stride : 0);
    for (; step + split <= steps; step += split) {
      UNROLL for (int s = 0; s < split; s++) {
        const __m256i left = load_weights(weights + s * PANEL_COLUMNS * 4);
        const __m256i right = load_weights(weights + (s * PANEL_COLUMNS + LANES) * 4);
        UNROLL for (int r = 0; r < rows; r++) {
          const __m256i four = broadcast_four(src + r * stride + s * 4);
          const __m256i row = FLIPS ? _mm256_xor_si256(four, flip) : four;
          const int i = (s * rows + r) * 2;
          sums[i] = _mm256_dpbusd_avx_epi32(sums[i], row, left);
          sums[i + 1] = _mm256_dpbusd_avx_epi32(sums[i + 1], row, right);
        }
      }
      /* Or the compiler copies sums from register to register, and to the stack, in each round. */
      UNROLL for (int i = 0; i < total * split; i++) {
        __asm__("" : "+x"(sums[i]));
      }
      src += 4 * split;
      weights += PANEL_COLUMNS * 4 * split;
    }
    for (; split > 1 && step < steps; step++) {
      UNROLL for (int r = 0; r < rows; r++) {
        const __m256i four = broadcast_four(src + r * stride);
        const __m256i row = FLIPS ? _mm256_xor_si256(four, flip) : four;
        sums[r * 2] = _mm256_dpbusd_avx_epi32(sums[r * 2], row, load_weights(weights));
        sums[r * 2 + 1] = _mm256_dpbusd_avx_epi32(sums[r * 2 + 1], row, load_weights(weights + LANES * 4));
      }
      src += 4;
      weights += PANEL_COLUMNS * 4;
    }
  }
  UNROLL for (int i = total; i < total * split; i++) {
    sums[i % total] = _mm256_add_epi32(sums[i % total], sums[i]);
  }
  if (!RUNS && tile->tails != 0) {
    UNROLL for (int r = 0; r < rows; r++) {
      const __m256i row = _mm256_set1_epi32((int32_t)tile->tails[r]);
      sums[r * 2] = _mm256_dpbusd_avx_epi32(sums[r * 2], row, load_weights(weights));
      sums[r * 2 + 1] = _mm256_dpbusd_avx_epi32(sums[r * 2 + 1], row, load_weights(weights + LANES * 4));
    }
  }
  const int64_t to_stride = tile->sums_stride;
  UNROLL for (int i = 0; i < total; i++) {
    _mm256_storeu_si256((__m256i *)(to + i / 2 * to_stride + i % 2 * LANES), sums[i]);
  }
}

#define MULTIPLY_PANEL(rows, split)                                                                         \
  static void multiply_panel_##rows(const struct tile *tile, const int8_t *weights, const loose_int *start, \
                                    loose_int *sums) {                                                      \
    multiply_panel(rows, split, tile, weights, start, sums);                                                \
  }
MULTIPLY_PANEL(1, 4)
MULTIPLY_PANEL(2, 3)
MULTIPLY_PANEL(3, 2)
MULTIPLY_PANEL(4, 1)
MULTIPLY_PANEL(5, 1)
MULTIPLY_PANEL(6, 1)

#include "matmul_panels.inc.h"
