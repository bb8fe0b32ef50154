/* Matrices of bytes, transposed: the kernel of a tier. */
#include "kernels.h"
#include "tiers.h"

/* Wider vectors would need more steps for blocks that channels often do not fill. */
static const int32_t TRANSPOSE[ROWS] = {KERNEL_octet_u8_u8_pt_transpose_1x1__baseline,
#if defined(__x86_64__)
                                        KERNEL_octet_u8_u8_pt_transpose_16x16__avx2,
                                        KERNEL_octet_u8_u8_pt_transpose_16x16__avx2
#endif
};

int32_t octet_transpose_kernel(int32_t tier) {
  return kernel_of_tier(TRANSPOSE, tier);
}

void octet_transpose_run(int32_t kernel, const void *src, int64_t src_row, void *dst, int64_t dst_row,
                         int64_t rows, int64_t columns) {
  if (OCTET_IS_KERNEL(transpose_kernel, kernel)) {
    OCTET_KERNEL(transpose_kernel, kernel)(src, src_row, dst, dst_row, rows, columns);
  }
}
