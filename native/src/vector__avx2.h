/* Vectors of 256 bits under the names that the templates of element-wise kernels use: 8 lanes of 32 bits,
   blocks of 32 elements. A load or store of fewer elements than a vector holds touches nothing else: by masks
   where AVX2 has them (32 bits), else in pieces. */
#ifndef OCTET_VECTOR_AVX2_H
#define OCTET_VECTOR_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 8, BLOCK = 4 * LANES };

typedef __m256 reals;
typedef __m256i ints;
/* 32 bytes, or 16 numbers of 16 bits. */
typedef __m256i bytes;
typedef __m256 flags;
/* Half as many lanes, of 64 bits. */
typedef __m256d wides;

INLINE __m256i first_lanes(int64_t count) {
  const int32_t lanes = count < 0 ? 0 : (int32_t)count;
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE reals load_reals(const char *from, int64_t count) {
  return count >= LANES ? _mm256_loadu_ps((const float *)from)
                        : _mm256_maskload_ps((const float *)from, first_lanes(count));
}

INLINE ints load_ints(const char *from, int64_t count) {
  return count >= LANES ? _mm256_loadu_si256((const __m256i *)from)
                        : _mm256_maskload_epi32((const int *)from, first_lanes(count));
}

/* Up to 7 bytes, by loads that may overlap. */
INLINE uint64_t load_some_bytes(const char *from, int64_t count) {
  if (count <= 0) {
    return 0;
  }
  if (count >= 4) {
    uint32_t head;
    uint32_t tail;
    __builtin_memcpy(&head, from, 4);
    __builtin_memcpy(&tail, from + count - 4, 4);
    return head | (uint64_t)tail << (8 * (count - 4));
  }
  const uint64_t first = (unsigned char)from[0];
  const uint64_t middle = (unsigned char)from[count / 2];
  const uint64_t last = (unsigned char)from[count - 1];
  return first | middle << (8 * (count / 2)) | last << (8 * (count - 1));
}

INLINE __m128i load_8_bytes(const char *from, int64_t count) {
  return count >= LANES ? _mm_loadl_epi64((const __m128i *)from)
                        : _mm_cvtsi64_si128((int64_t)load_some_bytes(from, count));
}

INLINE ints load_unsigned(const char *from, int64_t count) {
  return _mm256_cvtepu8_epi32(load_8_bytes(from, count));
}

INLINE ints load_signed(const char *from, int64_t count) {
  return _mm256_cvtepi8_epi32(load_8_bytes(from, count));
}

/* Up to 15 bytes, by loads that may overlap. */
INLINE __m128i load_part(const char *from, int64_t count) {
  if (count <= 8) {
    return load_8_bytes(from, count);
  }
  uint64_t head;
  uint64_t tail;
  __builtin_memcpy(&head, from, 8);
  __builtin_memcpy(&tail, from + count - 8, 8);
  return _mm_set_epi64x((int64_t)(tail >> (8 * (16 - count))), (int64_t)head);
}

/* The rest is 0. */
INLINE bytes load_bytes(const char *from, int64_t count) {
  if (count >= BLOCK) {
    return _mm256_loadu_si256((const __m256i *)from);
  }
  if (count < 16) {
    return _mm256_zextsi128_si256(load_part(from, count));
  }
  return _mm256_set_m128i(load_part(from + 16, count - 16), _mm_loadu_si128((const __m128i *)from));
}

INLINE void store_reals(char *to, reals x, int64_t count) {
  if (count >= LANES) {
    _mm256_storeu_ps((float *)to, x);
  } else {
    _mm256_maskstore_ps((float *)to, first_lanes(count), x);
  }
}

INLINE void store_bytes(char *to, bytes x, int64_t count) {
  if (count >= BLOCK) {
    _mm256_storeu_si256((__m256i *)to, x);
    return;
  }
  char all[BLOCK];
  _mm256_storeu_si256((__m256i *)all, x);
  const char *from = all;
  for (int64_t piece = BLOCK / 2; piece >= 1; piece /= 2) {
    if (count & piece) {
      switch (piece) {
        case 16:
          __builtin_memcpy(to, from, 16);
          break;
        case 8:
          __builtin_memcpy(to, from, 8);
          break;
        case 4:
          __builtin_memcpy(to, from, 4);
          break;
        case 2:
          __builtin_memcpy(to, from, 2);
          break;
        default:
          *to = *from;
      }
      from += piece;
      to += piece;
    }
  }
}

/* Returns where it stores. */
INLINE char *store_block(char *to, bytes x) {
  _mm256_storeu_si256((__m256i *)to, x);
  return to;
}

INLINE reals all_reals(float x) {
  return _mm256_set1_ps(x);
}

INLINE ints all_ints(int32_t x) {
  return _mm256_set1_epi32(x);
}

INLINE bytes all_bytes(int32_t x) {
  return _mm256_set1_epi8((char)x);
}

INLINE reals multiply(reals x, reals y) {
  return _mm256_mul_ps(x, y);
}

INLINE reals add_reals(reals x, reals y) {
  return _mm256_add_ps(x, y);
}

INLINE reals subtract_reals(reals x, reals y) {
  return _mm256_sub_ps(x, y);
}

INLINE reals divide(reals x, reals y) {
  return _mm256_div_ps(x, y);
}

/* x * y + z, rounded once. */
INLINE reals multiply_add(reals x, reals y, reals z) {
  return _mm256_fmadd_ps(x, y, z);
}

/* Emits nothing, but the compiler may not move what makes x behind it. */
INLINE void end_step(reals *x) {
  __asm__("" : "+x"(*x));
}

/* z - x * y, rounded once. */
INLINE reals multiply_subtract(reals x, reals y, reals z) {
  return _mm256_fnmadd_ps(x, y, z);
}

/* The lesser, the greater; y where one of them is NaN. */
INLINE reals lesser(reals x, reals y) {
  return _mm256_min_ps(x, y);
}

INLINE reals greater(reals x, reals y) {
  return _mm256_max_ps(x, y);
}

/* The first lanes of x, the rest of y. */
INLINE reals first_reals(reals x, reals y, int64_t count) {
  return count >= LANES ? x : _mm256_blendv_ps(y, x, _mm256_castsi256_ps(first_lanes(count)));
}

/* 2^n of t = n + 1.5 * 2^23, for n from -127, which gives 0, to 128, which gives infinity. */
INLINE reals power_of_2(reals t) {
  const ints exponent = _mm256_slli_epi32(_mm256_castps_si256(t), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(exponent, _mm256_set1_epi32(0x3f800000)));
}

INLINE ints add_ints(ints x, ints y) {
  return _mm256_add_epi32(x, y);
}

INLINE ints subtract_ints(ints x, ints y) {
  return _mm256_sub_epi32(x, y);
}

INLINE reals to_reals(ints x) {
  return _mm256_cvtepi32_ps(x);
}

/* Rounds half to even; NaN and what is too large give INT32_MIN. */
INLINE ints round_to_ints(reals x) {
  return _mm256_cvtps_epi32(x);
}

/* Cuts off towards 0; NaN and what is too large give INT32_MIN. */
INLINE ints truncate_to_ints(reals x) {
  return _mm256_cvttps_epi32(x);
}

INLINE wides all_wides(double x) {
  return _mm256_set1_pd(x);
}

/* The first half of the lanes, and the second. */
INLINE wides low_wides(ints x) {
  return _mm256_cvtepi32_pd(_mm256_castsi256_si128(x));
}

INLINE wides high_wides(ints x) {
  return _mm256_cvtepi32_pd(_mm256_extracti128_si256(x, 1));
}

INLINE wides multiply_wides(wides x, wides y) {
  return _mm256_mul_pd(x, y);
}

INLINE wides divide_wides(wides x, wides y) {
  return _mm256_div_pd(x, y);
}

/* The lesser, the greater; y where one of them is NaN. */
INLINE wides lesser_wides(wides x, wides y) {
  return _mm256_min_pd(x, y);
}

INLINE wides greater_wides(wides x, wides y) {
  return _mm256_max_pd(x, y);
}

/* Both halves, rounded half to even. */
INLINE ints round_wides(wides low, wides high) {
  return _mm256_set_m128i(_mm256_cvtpd_epi32(high), _mm256_cvtpd_epi32(low));
}

/* Saturates to 16 bits. The order is that of the instruction; narrow_* brings all in order again. */
INLINE bytes to_words(ints x, ints y) {
  return _mm256_packs_epi32(x, y);
}

INLINE bytes add_words(bytes x, bytes y) {
  return _mm256_adds_epi16(x, y);
}

INLINE bytes in_order(bytes x) {
  return _mm256_permutevar8x32_epi32(x, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* Saturates to 8 bits, in the order of the instruction. */
INLINE bytes pack_unsigned(bytes x, bytes y) {
  return _mm256_packus_epi16(x, y);
}

INLINE bytes pack_signed(bytes x, bytes y) {
  return _mm256_packs_epi16(x, y);
}

INLINE bytes narrow_unsigned(bytes x, bytes y) {
  return in_order(pack_unsigned(x, y));
}

INLINE bytes narrow_signed(bytes x, bytes y) {
  return in_order(pack_signed(x, y));
}

/* Halves of the bytes as 16 bits, and of 16 bits as 32, such that packing brings them back in order. */
INLINE bytes low_words(bytes x) {
  return _mm256_unpacklo_epi8(x, _mm256_setzero_si256());
}

INLINE bytes high_words(bytes x) {
  return _mm256_unpackhi_epi8(x, _mm256_setzero_si256());
}

INLINE ints low_ints(bytes x) {
  return _mm256_unpacklo_epi16(x, _mm256_setzero_si256());
}

INLINE ints high_ints(bytes x) {
  return _mm256_unpackhi_epi16(x, _mm256_setzero_si256());
}

INLINE bytes add_words_modulo(bytes x, bytes y) {
  return _mm256_add_epi16(x, y);
}

INLINE bytes flip_bits(bytes x, bytes y) {
  return _mm256_xor_si256(x, y);
}

INLINE bytes least_unsigned(bytes x, bytes y) {
  return _mm256_min_epu8(x, y);
}

INLINE bytes greatest_unsigned(bytes x, bytes y) {
  return _mm256_max_epu8(x, y);
}

INLINE bytes least_signed(bytes x, bytes y) {
  return _mm256_min_epi8(x, y);
}

INLINE bytes greatest_signed(bytes x, bytes y) {
  return _mm256_max_epi8(x, y);
}

INLINE flags no_flags(void) {
  return _mm256_setzero_ps();
}

/* Adds the lanes where x or y is NaN. */
INLINE flags flag_nan(flags sofar, reals x, reals y) {
  return _mm256_or_ps(sofar, _mm256_cmp_ps(x, y, _CMP_UNORD_Q));
}

INLINE int any_flag(flags x) {
  return _mm256_movemask_ps(x) != 0;
}

INLINE float least_lane(reals x) {
  __m128 y = _mm_min_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_min_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_min_ss(y, _mm_movehdup_ps(y)));
}

/* Lanes j and j + 4 are added, then j and j + 2, then the last two. */
INLINE float sum_of_lanes(reals x) {
  __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_add_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

INLINE float greatest_lane(reals x) {
  __m128 y = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_max_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_max_ss(y, _mm_movehdup_ps(y)));
}

#endif
