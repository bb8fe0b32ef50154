/* Tensors side by side, one after the other: copied, or by a table of 256 bytes. */
#include "kernels.h"
#include "tiers.h"

static const int32_t COPY[ROWS] = {KERNEL_octet_u8_u8_pt_copy_1x16__baseline,
#if defined(__x86_64__)
                                   KERNEL_octet_u8_u8_pt_copy_1x32__avx2,
                                   KERNEL_octet_u8_u8_pt_copy_1x64__avx512vnni
#endif
};

int32_t octet_copy_kernel(int32_t tier) {
  return kernel_of_tier(COPY, tier);
}

void octet_concat_run(const struct octet_concat *plan, const void *src, int64_t src_row, void *dst,
                      int64_t dst_row, int64_t first, int64_t rows, int64_t bytes) {
  char *to = (char *)dst + first;
  if (OCTET_IS_KERNEL(copy_kernel, plan->kernel)) {
    OCTET_KERNEL(copy_kernel, plan->kernel)(src, src_row, to, dst_row, rows, bytes);
  } else if (OCTET_IS_KERNEL(lookup_kernel, plan->kernel)) {
    lookup_kernel *look_up = OCTET_KERNEL(lookup_kernel, plan->kernel);
    for (int64_t row = 0; row < rows; row++) {
      look_up(plan->table, (const char *)src + row * src_row, to + row * dst_row, bytes);
    }
  }
}
