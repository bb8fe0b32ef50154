/* Softmax, layer norm and GELU: their kernels by tier. */
#include "kernels.h"
#include "tiers.h"

#if defined(__x86_64__)
#define ROW(op)                                                                        \
  {                                                                                    \
    KERNEL_octet_f32_f32_##op##_1x1__baseline, KERNEL_octet_f32_f32_##op##_1x64__avx2, \
        KERNEL_octet_f32_f32_##op##_1x64__avx512vnni                                   \
  }
#else
#define ROW(op) \
  { KERNEL_octet_f32_f32_##op##_1x1__baseline }
#endif

static const int32_t SOFTMAX[ROWS] = ROW(pt_softmax);

static const int32_t LAYER_NORM[ROWS] = ROW(pc_layer_norm);

/* By form. */
static const int32_t GELU[2][ROWS] = {
    [OCTET_GELU_ERF] = ROW(pt_gelu),
    [OCTET_GELU_TANH] = ROW(pt_gelu_tanh),
};

int32_t octet_softmax_kernel(int32_t tier) {
  return kernel_of_tier(SOFTMAX, tier);
}

void octet_softmax_run(int32_t kernel, float scale, const void *src, const void *mask, void *dst,
                       int64_t rows, int64_t columns) {
  if (OCTET_IS_KERNEL(softmax_kernel, kernel)) {
    OCTET_KERNEL(softmax_kernel, kernel)(scale, src, mask, dst, rows, columns);
  }
}

int32_t octet_layer_norm_kernel(int32_t tier) {
  return kernel_of_tier(LAYER_NORM, tier);
}

void octet_layer_norm_run(const struct octet_layer_norm *plan, const void *src, const void *residual,
                          void *dst, int64_t rows) {
  if (OCTET_IS_KERNEL(layer_norm_kernel, plan->kernel)) {
    OCTET_KERNEL(layer_norm_kernel, plan->kernel)(plan, src, residual, dst, rows);
  }
}

int32_t octet_gelu_kernel(int32_t tier, int32_t form) {
  return form == OCTET_GELU_ERF || form == OCTET_GELU_TANH ? kernel_of_tier(GELU[form], tier) : -1;
}

void octet_gelu_run(int32_t kernel, const void *src, void *dst, int64_t count) {
  if (OCTET_IS_KERNEL(gelu_kernel, kernel)) {
    OCTET_KERNEL(gelu_kernel, kernel)(src, dst, count);
  }
}
