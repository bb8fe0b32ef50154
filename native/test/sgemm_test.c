/* Products of floats on every tier, bit by bit, on memory that ends or begins at a forbidden page. */
#include <math.h>

#include "check.h"

static const uint64_t SEED = UINT64_C(20261129);
static uint64_t state;

/* A matrix in longer rows: the last row ends with its last element. */
struct matrix {
  float *data;
  int64_t row;
};

static struct matrix random_matrix(int64_t rows, int64_t columns) {
  const int64_t row = columns + (random_between(&state, 0, 2) == 0 ? random_between(&state, 1, 20) : 0);
  const int64_t count = rows == 0 || columns == 0 ? 0 : (rows - 1) * row + columns;
  struct matrix matrix = {
      random_between(&state, 0, 3) == 0 ? guarded_start(4 * (size_t)count) : guarded_end(4 * (size_t)count),
      row};
  for (int64_t i = 0; i < count; i++) {
    /* Denormals, infinities and NaN at times. */
    const int64_t kind = random_between(&state, 0, 2000);
    const float x = kind == 0   ? INFINITY
                    : kind == 1 ? NAN
                    : kind < 9  ? random_real(&state, -1e-41f, 1e-41f)
                    : kind < 19 ? -0.0f
                                : random_real(&state, -2, 2);
    memcpy(matrix.data + i, &x, 4);
  }
  return matrix;
}

static float at(struct matrix matrix, int64_t row, int64_t column) {
  float x;
  memcpy(&x, matrix.data + row * matrix.row + column, 4);
  return x;
}

static void one_case(int large) {
  const int32_t m = (int32_t)random_between(&state, 0, large ? 150 : 27);
  const int32_t k = (int32_t)random_between(&state, 1, large ? 1100 : 40);
  const int32_t n = (int32_t)random_between(&state, 0, large ? 140 : 100);
  const int transposed = (int)random_between(&state, 0, 1);
  const int packed = (int)random_between(&state, 0, 1);
  const int biased = packed && random_between(&state, 0, 1);
  const int row_biased = !biased && random_between(&state, 0, 2) == 0;
  const int accumulates = !biased && !row_biased && random_between(&state, 0, 2) == 0;
  const struct matrix left = random_matrix(m, k);
  const struct matrix right = transposed ? random_matrix(n, k) : random_matrix(k, n);
  const struct matrix before = random_matrix(m, n);
  const struct matrix bias = random_matrix(1, n);
  const struct matrix row_bias = random_matrix(1, m);
  const int32_t first_row = random_between(&state, 0, 1) ? 0 : (int32_t)random_between(&state, 0, m);
  const int32_t rows = m - first_row;
  /* A part of the columns, from the beginning of a panel on. */
  const int32_t first =
      n > 32 && random_between(&state, 0, 1) ? 32 * (int32_t)random_between(&state, 0, n / 32) : 0;
  const int32_t columns =
      random_between(&state, 0, 1) ? n - first : (int32_t)random_between(&state, 0, n - first);
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (!tier_runs_here(tier)) {
      continue;
    }
    struct octet_sgemm plan = {.bias = biased ? bias.data : NULL,
                               .row_bias = row_biased ? row_bias.data : NULL,
                               .kernel = octet_sgemm_kernel(tier),
                               .k = k,
                               .n = n,
                               .right_transposed = transposed,
                               .accumulate = accumulates};
    if (packed) {
      void *weights = guarded_end((size_t)octet_sgemm_packed_bytes(k, n));
      octet_sgemm_pack(&plan, right.data, right.row, weights);
      plan.weights = weights;
    }
    check_cases++;
    const int64_t scratch_bytes = octet_sgemm_scratch_bytes(&plan, k, rows, columns);
    void *scratch = scratch_bytes == 0 ? NULL : guarded_end((size_t)scratch_bytes);
    const size_t bytes = m == 0 || n == 0 ? 0 : 4 * (size_t)((m - 1) * before.row + n);
    float *dst = guarded_end(bytes);
    memcpy(dst, before.data, bytes);
    const struct matrix out = {dst, before.row};
    octet_sgemm_run(&plan, left.data, left.row, packed ? NULL : right.data, right.row, k, dst, out.row,
                    first_row, rows, first, columns, scratch);
    for (int64_t row = 0; row < m; row++) {
      for (int64_t column = 0; column < n; column++) {
        float sum = accumulates  ? at(before, row, column)
                    : biased     ? at(bias, 0, column)
                    : row_biased ? at(row_bias, 0, row)
                                 : 0;
        if (column < first || column >= first + columns || row < first_row) {
          sum = at(before, row, column);
        } else {
          for (int64_t i = 0; i < k; i++) {
            sum = fmaf(at(left, row, i), transposed ? at(right, column, i) : at(right, i, column), sum);
          }
        }
        const float y = at(out, row, column);
        if (isnan(sum) ? !isnan(y) : memcmp(&sum, &y, 4) != 0) {
          check_fail(
              "%s, %d x %d x %d, transposed %d, packed %d, columns %d from %d: row %lld, column %lld: "
              "expected %.9g, got %.9g",
              octet_kernel_name(plan.kernel), m, k, n, transposed, packed, columns, first, (long long)row,
              (long long)column, (double)sum, (double)y);
          return;
        }
      }
    }
  }
}

int main(int argc, char **argv) {
  state = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
  printf("products of floats, seed %llu\n", (unsigned long long)state);
  for (int i = 0; i < share_of(1500); i++) {
    one_case(i % 50 == 0);
    guarded_free();
  }
  return check_result("products of floats");
}
