/* Requantize, binary ops and lookup: their kernels by tier, and the way through rows. */
#include "cpu.h"
#include "kernels.h"
#include "tiers.h"

#if defined(__x86_64__)
#define ROW(subject, op)                                                                       \
  {                                                                                            \
    KERNEL_octet_##subject##_##op##_1x1__baseline, KERNEL_octet_##subject##_##op##_1x32__avx2, \
        KERNEL_octet_##subject##_##op##_1x64__avx512vnni                                       \
  }
#else
#define ROW(subject, op) \
  { KERNEL_octet_##subject##_##op##_1x1__baseline }
#endif

/* By type, one multiplier or one for each channel, row of the tier. */
static const int32_t REQUANTIZE[2][2][ROWS] = {
    [OCTET_U8] = {ROW(s32_u8_pt, requantize), ROW(s32_u8_pc, requantize)},
    [OCTET_S8] = {ROW(s32_s8_pt, requantize), ROW(s32_s8_pc, requantize)},
};

#define BOTH(op) \
  { [OCTET_U8] = ROW(u8u8_u8_pt, op), [OCTET_S8] = ROW(s8s8_s8_pt, op) }

/* By op and type. */
static const int32_t BINARY[][2][ROWS] = {
    [OCTET_ADD] = BOTH(add),         [OCTET_SUBTRACT] = BOTH(add),    [OCTET_MULTIPLY] = BOTH(multiply),
    [OCTET_MAXIMUM] = BOTH(maximum), [OCTET_MINIMUM] = BOTH(maximum), [OCTET_DIVIDE] = BOTH(divide),
};

/* AVX-512 without VBMI adds nothing to AVX2. */
static const int32_t LOOKUP[ROWS] = {KERNEL_octet_u8_u8_pt_lookup_1x1__baseline,
#if defined(__x86_64__)
                                     KERNEL_octet_u8_u8_pt_lookup_1x32__avx2,
                                     KERNEL_octet_u8_u8_pt_lookup_1x32__avx2
#endif
};

static int has_8_bits(int32_t type) {
  return type == OCTET_U8 || type == OCTET_S8;
}

int32_t octet_requantize_kernel(int32_t tier, int32_t type, int32_t per_channel) {
  return has_8_bits(type) ? kernel_of_tier(REQUANTIZE[type][per_channel != 0], tier) : -1;
}

void octet_requantize_run(const struct octet_requantize *plan, const void *src, void *dst, int64_t first,
                          int64_t count) {
  if (!OCTET_IS_KERNEL(requantize_kernel, plan->kernel)) {
    return;
  }
  requantize_kernel *kernel = OCTET_KERNEL(requantize_kernel, plan->kernel);
  if (plan->period == 1) {
    kernel(plan, src, dst, count, plan->multipliers, plan->bias);
    return;
  }
  int64_t channel = first % plan->period;
  for (int64_t i = 0; i < count;) {
    const int64_t rest = plan->period - channel;
    const int64_t n = rest < count - i ? rest : count - i;
    kernel(plan, (const char *)src + 4 * i, (char *)dst + i, n, plan->multipliers + channel,
           plan->bias + channel);
    i += n;
    channel = 0;
  }
}

int32_t octet_binary_kernel(int32_t tier, int32_t op, int32_t type) {
  const int is_op = op >= 0 && op < (int32_t)(sizeof BINARY / sizeof BINARY[0]);
  return is_op && has_8_bits(type) ? kernel_of_tier(BINARY[op][type], tier) : -1;
}

void octet_binary_run(const struct octet_binary *plan, const void *left, int64_t left_row, int64_t left_step,
                      const void *right, int64_t right_row, int64_t right_step, void *dst, int64_t rows,
                      int64_t columns) {
  if (OCTET_IS_KERNEL(binary_kernel, plan->kernel)) {
    OCTET_KERNEL(binary_kernel, plan->kernel)
    (plan, left, left_row, left_step, right, right_row, right_step, dst, rows, columns);
  }
}

int32_t octet_lookup_kernel(int32_t tier) {
#if defined(__x86_64__)
  if (tier == OCTET_ISA_AVX512VNNI && cpu_vbmi_here()) {
    return KERNEL_octet_u8_u8_pt_lookup_1x64__avx512vbmi;
  }
#endif
  return kernel_of_tier(LOOKUP, tier);
}

void octet_lookup_run(int32_t kernel, const uint8_t *table, const void *src, void *dst, int64_t count) {
  if (OCTET_IS_KERNEL(lookup_kernel, kernel)) {
    OCTET_KERNEL(lookup_kernel, kernel)(table, src, dst, count);
  }
}
