/* Pooling of 8-bit images: the kernel of a tier. */
#include "kernels.h"
#include "tiers.h"

#if defined(__x86_64__)
#define ROW(name)                                                           \
  {                                                                         \
    KERNEL_octet_##name##_1x64__baseline, KERNEL_octet_##name##_1x32__avx2, \
        KERNEL_octet_##name##_1x64__avx512vnni                              \
  }
#else
#define ROW(name) \
  { KERNEL_octet_##name##_1x64__baseline }
#endif

/* By kind, type, row of the tier. */
static const int32_t POOL[2][2][ROWS] = {
    [OCTET_MAX_POOL] = {[OCTET_U8] = ROW(u8_u8_pt_max_pool), [OCTET_S8] = ROW(s8_s8_pt_max_pool)},
    [OCTET_AVERAGE_POOL] = {[OCTET_U8] = ROW(u8_u8_pt_average_pool), [OCTET_S8] = ROW(s8_s8_pt_average_pool)},
};

int32_t octet_pool_kernel(int32_t tier, int32_t kind, int32_t type) {
  const int is_kind = kind == OCTET_MAX_POOL || kind == OCTET_AVERAGE_POOL;
  return is_kind && (type == OCTET_U8 || type == OCTET_S8) ? kernel_of_tier(POOL[kind][type], tier) : -1;
}

void octet_pool_run(const struct octet_pool *plan, const void *src, void *dst, int32_t height, int32_t width,
                    int32_t channels, int32_t out_height, int32_t out_width, int64_t first_line,
                    int64_t lines) {
  if (OCTET_IS_KERNEL(pool_kernel, plan->kernel)) {
    pool_kernel *kernel = OCTET_KERNEL(pool_kernel, plan->kernel);
    kernel(plan, src, dst, height, width, channels, out_height, out_width, first_line, lines);
  }
}
