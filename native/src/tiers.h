/* The tiers of this platform, and which kernels of element-wise families they run. Dot products play no part
   there: AVX-VNNI adds nothing to AVX2, and the tiers of Arm run what the baseline does. */
#ifndef OCTET_TIERS_H
#define OCTET_TIERS_H

#include "api.h"
#include "kernel_list.h"

/* Rows of the tables of kernels. */
enum { ROW_BASELINE = 0, ROW_AVX2 = 1, ROW_AVX512 = 2, ROWS = 3 };

static inline int is_tier(int32_t tier) {
#if OCTET_HAS_VNNI
  return tier >= OCTET_ISA_BASELINE && tier <= OCTET_ISA_AVX512VNNI;
#elif defined(__x86_64__)
  return tier == OCTET_ISA_BASELINE || tier == OCTET_ISA_AVX2 || tier == OCTET_ISA_AVX512;
#elif defined(__aarch64__)
  return tier == OCTET_ISA_BASELINE || (tier >= OCTET_ISA_NEON && tier <= OCTET_ISA_I8MM);
#else
  return tier == OCTET_ISA_BASELINE;
#endif
}

static inline int32_t row_of_tier(int32_t tier) {
#if defined(__x86_64__)
  return tier == OCTET_ISA_AVX512VNNI ? ROW_AVX512 : tier == OCTET_ISA_BASELINE ? ROW_BASELINE : ROW_AVX2;
#else
  (void)tier;
  return ROW_BASELINE;
#endif
}

/* The elements of a table, indexed by tier, of kernels that multiply bytes: KERNELS(tile, isa) of each. */
#if defined(__x86_64__)
#define OCTET_PRODUCTS_BY_TIER(KERNELS)                                                   \
  [OCTET_ISA_BASELINE] = KERNELS(6x16, baseline), [OCTET_ISA_AVX2] = KERNELS(6x16, avx2), \
  [OCTET_ISA_AVXVNNI] = KERNELS(6x16, avxvnni), [OCTET_ISA_AVX512] = KERNELS(6x16, avx2), \
  [OCTET_ISA_AVX512VNNI] = KERNELS(6x64, avx512vnni)
#elif defined(__aarch64__)
#define OCTET_PRODUCTS_BY_TIER(KERNELS)                                                       \
  [OCTET_ISA_BASELINE] = KERNELS(6x16, baseline), [OCTET_ISA_NEON] = KERNELS(6x16, baseline), \
  [OCTET_ISA_DOTPROD] = KERNELS(6x16, dotprod), [OCTET_ISA_I8MM] = KERNELS(6x16, i8mm)
#else
#define OCTET_PRODUCTS_BY_TIER(KERNELS) [OCTET_ISA_BASELINE] = KERNELS(6x16, baseline)
#endif

/* Which of the kernels for S32, F32, U8 and S8 outputs; -1: none. */
static inline int32_t kernel_of_output(const int32_t *kernels, int32_t dst_type) {
  switch (dst_type) {
    case OCTET_S32:
      return kernels[0];
    case OCTET_F32:
      return kernels[1];
    case OCTET_U8:
      return kernels[2];
    case OCTET_S8:
      return kernels[3];
    default:
      return -1;
  }
}

/* From a row of a table of numbers; -1: the platform has no such tier. */
static inline int32_t kernel_of_tier(const int32_t *kernels, int32_t tier) {
  return is_tier(tier) ? kernels[row_of_tier(tier)] : -1;
}

#endif
