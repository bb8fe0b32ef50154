/* Products of floats, any CPU: sums are added up where the results go. Packed weights are rows of N columns.
 */
#include "fused.h"
#include "kernels.h"
#include "scalars.h"

static void begin(const struct octet_sgemm *plan, const struct sgemm_call *call, int64_t row, char *dst) {
  const float first = plan->row_bias == 0 ? 0 : plan->row_bias[row];
  for (int64_t j = 0; j < call->columns && !plan->accumulate; j++) {
    store_float(dst, j, plan->bias == 0 ? first : plan->bias[call->first_column + j]);
  }
}

void octet_f32f32_f32_sgemm_1x1__baseline(const struct octet_sgemm *plan, const struct sgemm_call *call) {
  const int is_packed = plan->weights != 0;
  const char *right = is_packed ? plan->weights : call->right;
  const int64_t stride = is_packed ? plan->n : call->right_row;
  const int is_transposed = !is_packed && plan->right_transposed;
  for (int64_t row = call->first_row; row < call->first_row + call->rows; row++) {
    char *dst = (char *)call->dst + 4 * (row * call->dst_row + call->first_column);
    begin(plan, call, row, dst);
    for (int64_t i = 0; i < call->k; i++) {
      const float x = load_float(call->left, row * call->left_row + i);
      for (int64_t j = 0; j < call->columns; j++) {
        const int64_t column = call->first_column + j;
        const float w = load_float(right, is_transposed ? column * stride + i : i * stride + column);
        store_float(dst, j, fused_multiply_add(x, w, load_float(dst, j)));
      }
    }
  }
}

void octet_f32f32_f32_sgemm_pack_1x1__baseline(const struct octet_sgemm *plan, const void *right,
                                               int64_t right_row, float *dst) {
  for (int64_t i = 0; i < plan->k; i++) {
    for (int64_t j = 0; j < plan->n; j++) {
      *dst++ = load_float(right, plan->right_transposed ? j * right_row + i : i * right_row + j);
    }
  }
}
