/* AVX512-VBMI: a table of 256 bytes in four registers; two permutations of 128 entries, and the highest bit
   of the index chooses. */
#include "kernels.h"
#include "vector__avx512vnni.h"

void octet_u8_u8_pt_lookup_1x64__avx512vbmi(const uint8_t *table, const void *src, void *dst, int64_t count) {
  const __m512i t0 = _mm512_loadu_si512(table);
  const __m512i t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128);
  const __m512i t3 = _mm512_loadu_si512(table + 192);
  const char *from = src;
  char *to = dst;
  for (int64_t i = 0; i < count; i += BLOCK) {
    const int64_t n = count - i;
    const __mmask64 there = n >= BLOCK ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
    const __m512i x = _mm512_maskz_loadu_epi8(there, from + i);
    const __m512i lower = _mm512_permutex2var_epi8(t0, x, t1);
    const __m512i upper = _mm512_permutex2var_epi8(t2, x, t3);
    _mm512_mask_storeu_epi8(to + i, there, _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), lower, upper));
  }
}
