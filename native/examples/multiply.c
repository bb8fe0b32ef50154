/* Two rows of signed bytes times a 3 x 2 matrix, 32-bit result: choose a kernel, pack the weights, fill in
   the plan, run. */
#include <octet.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 2, K = 3, N = 2 };

int main(void) {
  if (octet_version() != OCTET_ABI_VERSION) {
    fprintf(stderr, "liboctet has interface %d, this program was compiled for %d\n", octet_version(),
            OCTET_ABI_VERSION);
    return 1;
  }
  static const int8_t rows[ROWS][K] = {{1, -2, 3}, {-128, 127, 0}};
  static const int8_t weights[K][N] = {{1, 2}, {3, 4}, {5, -6}};

  const int32_t tier = octet_cpu_tier();
  const int32_t kernel = octet_matmul_kernel(tier, OCTET_S8, OCTET_S32);
  if (kernel < 0) {
    fprintf(stderr, "liboctet has no kernel for these types\n");
    return 1;
  }
  const int32_t layout = octet_matmul_layout(tier);
  const size_t bytes = (size_t)octet_matmul_packed_bytes(layout, K, N);
  /* Any address will do; a multiple of 64 is read fastest. */
  void *packed = malloc(bytes);
  if (packed == NULL) {
    return 1;
  }
  int32_t sums[N];
  octet_matmul_pack(layout, weights, OCTET_S8, 0, N, K, 0, N, packed, sums);

  /* Signed rows are multiplied as unsigned ones, 128 more: that much times the sum of a column comes off. */
  int32_t offsets[N];
  for (int n = 0; n < N; n++) {
    offsets[n] = -128 * sums[n];
  }
  const struct octet_matmul product = {
      .weights = packed,
      .offsets = offsets,
      .kernel = kernel,
      .k = K,
      .n = N,
  };
  int32_t result[ROWS][N];
  void *scratch = malloc((size_t)octet_matmul_scratch_bytes(&product, ROWS) + 1);
  if (scratch == NULL) {
    return 1;
  }
  octet_matmul_run(&product, rows, K, NULL, NULL, result, N, ROWS, 0, N, scratch);

  printf("%s: [[%d, %d], [%d, %d]]\n", octet_kernel_name(product.kernel), result[0][0], result[0][1],
         result[1][0], result[1][1]);
  const int right = result[0][0] == 10 && result[0][1] == -24 && result[1][0] == 253 && result[1][1] == 252;
  free(scratch);
  free(packed);
  return right ? 0 : 1;
}
