/* Products of floats: their kernels by tier. */
#include "sgemm.h"

#include "kernels.h"
#include "tiers.h"

static const int32_t KERNELS[ROWS] = {KERNEL_octet_f32f32_f32_sgemm_1x1__baseline,
#if defined(__x86_64__)
                                      KERNEL_octet_f32f32_f32_sgemm_6x16__avx2,
                                      KERNEL_octet_f32f32_f32_sgemm_12x32__avx512vnni
#endif
};

/* By the row of KERNELS. */
static const int32_t PACKS[ROWS] = {KERNEL_octet_f32f32_f32_sgemm_pack_1x1__baseline,
#if defined(__x86_64__)
                                    KERNEL_octet_f32f32_f32_sgemm_pack_6x16__avx2,
                                    KERNEL_octet_f32f32_f32_sgemm_pack_12x32__avx512vnni
#endif
};

int32_t octet_sgemm_kernel(int32_t tier) {
  return kernel_of_tier(KERNELS, tier);
}

int64_t octet_sgemm_packed_bytes(int32_t k, int32_t n) {
  return 4 * (int64_t)k * (((int64_t)n + SGEMM_PANEL - 1) / SGEMM_PANEL * SGEMM_PANEL);
}

void octet_sgemm_pack(const struct octet_sgemm *plan, const void *right, int64_t right_row, void *packed) {
  for (int32_t row = 0; row < ROWS; row++) {
    if (OCTET_IS_KERNEL(sgemm_kernel, plan->kernel) && KERNELS[row] == plan->kernel) {
      OCTET_KERNEL(sgemm_pack_kernel, PACKS[row])(plan, right, right_row, packed);
    }
  }
}

int64_t octet_sgemm_scratch_bytes(const struct octet_sgemm *plan, int32_t k, int32_t rows, int32_t columns) {
  const int64_t panel = plan->weights == 0 ? SGEMM_PANEL : 0;
  const int64_t most = sgemm_rows(sgemm_depth(k));
  const int64_t packed = sgemm_packs_rows(columns) ? (rows < most ? rows : most) : 0;
  return 4 * sgemm_depth(k) * (panel + packed);
}

void octet_sgemm_run(const struct octet_sgemm *plan, const void *left, int64_t left_row, const void *right,
                     int64_t right_row, int32_t k, void *dst, int64_t dst_row, int32_t first_row,
                     int32_t rows, int32_t first_column, int32_t columns, void *scratch) {
  if (OCTET_IS_KERNEL(sgemm_kernel, plan->kernel)) {
    const struct sgemm_call call = {.left = left,
                                    .left_row = left_row,
                                    .right = right,
                                    .right_row = right_row,
                                    .dst = dst,
                                    .dst_row = dst_row,
                                    .k = k,
                                    .first_row = first_row,
                                    .rows = rows,
                                    .first_column = first_column,
                                    .columns = columns,
                                    .scratch = scratch};
    OCTET_KERNEL(sgemm_kernel, plan->kernel)(plan, &call);
  }
}
