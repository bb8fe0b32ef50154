/* Vectors of 512 bits under the names that the templates of element-wise kernels use: 16 lanes of 32 bits,
   blocks of 64 elements. A load or store of fewer elements than a vector holds is masked: it touches nothing
   else. */
#ifndef OCTET_VECTOR_AVX512VNNI_H
#define OCTET_VECTOR_AVX512VNNI_H

#include <immintrin.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, BLOCK = 4 * LANES };

typedef __m512 reals;
typedef __m512i ints;
/* 64 bytes, or 32 numbers of 16 bits. */
typedef __m512i bytes;
typedef __mmask16 flags;
/* Half as many lanes, of 64 bits. */
typedef __m512d wides;

INLINE __mmask16 first_lanes(int64_t count) {
  return (__mmask16)(count <= 0 ? 0 : (1u << count) - 1);
}

INLINE reals load_reals(const char *from, int64_t count) {
  return count >= LANES ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(first_lanes(count), from);
}

INLINE ints load_ints(const char *from, int64_t count) {
  return count >= LANES ? _mm512_loadu_si512(from) : _mm512_maskz_loadu_epi32(first_lanes(count), from);
}

INLINE __m128i load_16_bytes(const char *from, int64_t count) {
  return count >= LANES ? _mm_loadu_si128((const __m128i *)from)
                        : _mm_maskz_loadu_epi8(first_lanes(count), from);
}

INLINE ints load_unsigned(const char *from, int64_t count) {
  return _mm512_cvtepu8_epi32(load_16_bytes(from, count));
}

INLINE ints load_signed(const char *from, int64_t count) {
  return _mm512_cvtepi8_epi32(load_16_bytes(from, count));
}

/* The rest is 0. */
INLINE bytes load_bytes(const char *from, int64_t count) {
  return count >= BLOCK ? _mm512_loadu_si512(from)
                        : _mm512_maskz_loadu_epi8((UINT64_C(1) << count) - 1, from);
}

INLINE void store_reals(char *to, reals x, int64_t count) {
  if (count >= LANES) {
    _mm512_storeu_ps(to, x);
  } else {
    _mm512_mask_storeu_ps(to, first_lanes(count), x);
  }
}

INLINE void store_bytes(char *to, bytes x, int64_t count) {
  if (count >= BLOCK) {
    _mm512_storeu_si512(to, x);
  } else {
    _mm512_mask_storeu_epi8(to, (UINT64_C(1) << count) - 1, x);
  }
}

/* Returns where it stores. */
INLINE char *store_block(char *to, bytes x) {
  _mm512_storeu_si512(to, x);
  return to;
}

INLINE reals all_reals(float x) {
  return _mm512_set1_ps(x);
}

INLINE ints all_ints(int32_t x) {
  return _mm512_set1_epi32(x);
}

INLINE bytes all_bytes(int32_t x) {
  return _mm512_set1_epi8((char)x);
}

INLINE reals multiply(reals x, reals y) {
  return _mm512_mul_ps(x, y);
}

INLINE reals add_reals(reals x, reals y) {
  return _mm512_add_ps(x, y);
}

INLINE reals subtract_reals(reals x, reals y) {
  return _mm512_sub_ps(x, y);
}

INLINE reals divide(reals x, reals y) {
  return _mm512_div_ps(x, y);
}

/* x * y + z, rounded once. */
INLINE reals multiply_add(reals x, reals y, reals z) {
  return _mm512_fmadd_ps(x, y, z);
}

/* Emits nothing, but the compiler may not move what makes x behind it. */
INLINE void end_step(reals *x) {
  __asm__("" : "+v"(*x));
}

/* z - x * y, rounded once. */
INLINE reals multiply_subtract(reals x, reals y, reals z) {
  return _mm512_fnmadd_ps(x, y, z);
}

/* The lesser, the greater; y where one of them is NaN. */
INLINE reals lesser(reals x, reals y) {
  return _mm512_min_ps(x, y);
}

INLINE reals greater(reals x, reals y) {
  return _mm512_max_ps(x, y);
}

/* The first lanes of x, the rest of y. */
INLINE reals first_reals(reals x, reals y, int64_t count) {
  return count >= LANES ? x : _mm512_mask_mov_ps(y, first_lanes(count), x);
}

/* 2^n of t = n + 1.5 * 2^23, for n from -127, which gives 0, to 128, which gives infinity. */
INLINE reals power_of_2(reals t) {
  const ints exponent = _mm512_slli_epi32(_mm512_castps_si512(t), 23);
  return _mm512_castsi512_ps(_mm512_add_epi32(exponent, _mm512_set1_epi32(0x3f800000)));
}

INLINE ints add_ints(ints x, ints y) {
  return _mm512_add_epi32(x, y);
}

INLINE ints subtract_ints(ints x, ints y) {
  return _mm512_sub_epi32(x, y);
}

INLINE reals to_reals(ints x) {
  return _mm512_cvtepi32_ps(x);
}

/* Rounds half to even; NaN and what is too large give INT32_MIN. */
INLINE ints round_to_ints(reals x) {
  return _mm512_cvtps_epi32(x);
}

/* Cuts off towards 0; NaN and what is too large give INT32_MIN. */
INLINE ints truncate_to_ints(reals x) {
  return _mm512_cvttps_epi32(x);
}

INLINE wides all_wides(double x) {
  return _mm512_set1_pd(x);
}

/* The first half of the lanes, and the second. */
INLINE wides low_wides(ints x) {
  return _mm512_cvtepi32_pd(_mm512_castsi512_si256(x));
}

INLINE wides high_wides(ints x) {
  return _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(x, 1));
}

INLINE wides multiply_wides(wides x, wides y) {
  return _mm512_mul_pd(x, y);
}

INLINE wides divide_wides(wides x, wides y) {
  return _mm512_div_pd(x, y);
}

/* The lesser, the greater; y where one of them is NaN. */
INLINE wides lesser_wides(wides x, wides y) {
  return _mm512_min_pd(x, y);
}

INLINE wides greater_wides(wides x, wides y) {
  return _mm512_max_pd(x, y);
}

/* Both halves, rounded half to even. */
INLINE ints round_wides(wides low, wides high) {
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtpd_epi32(low)), _mm512_cvtpd_epi32(high), 1);
}

/* Saturates to 16 bits. The order is that of the instruction; narrow_* brings all in order again. */
INLINE bytes to_words(ints x, ints y) {
  return _mm512_packs_epi32(x, y);
}

INLINE bytes add_words(bytes x, bytes y) {
  return _mm512_adds_epi16(x, y);
}

INLINE bytes in_order(bytes x) {
  return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), x);
}

/* Saturates to 8 bits, in the order of the instruction. */
INLINE bytes pack_unsigned(bytes x, bytes y) {
  return _mm512_packus_epi16(x, y);
}

INLINE bytes pack_signed(bytes x, bytes y) {
  return _mm512_packs_epi16(x, y);
}

INLINE bytes narrow_unsigned(bytes x, bytes y) {
  return in_order(pack_unsigned(x, y));
}

INLINE bytes narrow_signed(bytes x, bytes y) {
  return in_order(pack_signed(x, y));
}

/* Halves of the bytes as 16 bits, and of 16 bits as 32, such that packing brings them back in order. */
INLINE bytes low_words(bytes x) {
  return _mm512_unpacklo_epi8(x, _mm512_setzero_si512());
}

INLINE bytes high_words(bytes x) {
  return _mm512_unpackhi_epi8(x, _mm512_setzero_si512());
}

INLINE ints low_ints(bytes x) {
  return _mm512_unpacklo_epi16(x, _mm512_setzero_si512());
}

INLINE ints high_ints(bytes x) {
  return _mm512_unpackhi_epi16(x, _mm512_setzero_si512());
}

INLINE bytes add_words_modulo(bytes x, bytes y) {
  return _mm512_add_epi16(x, y);
}

INLINE bytes flip_bits(bytes x, bytes y) {
  return _mm512_xor_si512(x, y);
}

INLINE bytes least_unsigned(bytes x, bytes y) {
  return _mm512_min_epu8(x, y);
}

INLINE bytes greatest_unsigned(bytes x, bytes y) {
  return _mm512_max_epu8(x, y);
}

INLINE bytes least_signed(bytes x, bytes y) {
  return _mm512_min_epi8(x, y);
}

INLINE bytes greatest_signed(bytes x, bytes y) {
  return _mm512_max_epi8(x, y);
}

INLINE flags no_flags(void) {
  return 0;
}

/* Adds the lanes where x or y is NaN. */
INLINE flags flag_nan(flags sofar, reals x, reals y) {
  return (flags)(sofar | _mm512_cmp_ps_mask(x, y, _CMP_UNORD_Q));
}

INLINE int any_flag(flags x) {
  return x != 0;
}

INLINE float least_lane(reals x) {
  return _mm512_reduce_min_ps(x);
}

/* Lanes j and j + 8 are added, then j and j + 4, j and j + 2, then the last two. */
INLINE float sum_of_lanes(reals x) {
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  __m128 y = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  y = _mm_add_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

INLINE float greatest_lane(reals x) {
  return _mm512_reduce_max_ps(x);
}

#endif
