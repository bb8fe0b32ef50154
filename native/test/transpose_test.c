/* Transposed matrices of bytes on every tier: each byte is where it belongs, and no other byte is written; on
   memory that ends or begins at a forbidden page. */
#include "check.h"

static const uint64_t SEED = UINT64_C(20261128);
static uint64_t state;

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static size_t size_of(int64_t lines, int64_t stride, int64_t bytes) {
  return lines == 0 || bytes == 0 ? 0 : (size_t)((lines - 1) * stride + bytes);
}

static void transpose_on(int32_t tier, const uint8_t *src, int64_t src_row, int64_t dst_row, int64_t rows,
                         int64_t columns) {
  const int32_t kernel = octet_transpose_kernel(tier);
  const size_t size = size_of(columns, dst_row, rows);
  uint8_t *dst = guarded(size);
  memset(dst, 0x5a, size);
  octet_transpose_run(kernel, src, src_row, dst, dst_row, rows, columns);
  for (size_t i = 0; i < size; i++) {
    const int64_t row = (int64_t)i % dst_row;
    const int64_t column = (int64_t)i / dst_row;
    const int32_t expected = row < rows ? src[row * src_row + column] : 0x5a;
    if (dst[i] != expected) {
      check_fail("%s, %lld x %lld, rows %lld and %lld apart: row %lld, column %lld: expected %d, got %d",
                 octet_kernel_name(kernel), (long long)rows, (long long)columns, (long long)src_row,
                 (long long)dst_row, (long long)row, (long long)column, expected, dst[i]);
      return;
    }
  }
}

static int64_t random_size(void) {
  return random_between(&state, 0, 3) == 0
             ? 3
             : random_between(&state, 0, random_between(&state, 0, 1) ? 20 : 200);
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  for (int round = 0; round < share_of(3000); round++) {
    const int64_t rows = random_size();
    const int64_t columns = random_size();
    const int dense = random_between(&state, 0, 1);
    const int64_t src_row = columns + (dense ? 0 : random_between(&state, 0, 20));
    const int64_t dst_row = rows + (dense ? 0 : random_between(&state, 0, 20));
    const size_t size = size_of(rows, src_row, columns);
    uint8_t *src = guarded(size);
    random_bytes(&state, src, size);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        transpose_on(tier, src, src_row, dst_row, rows, columns);
      }
    }
    guarded_free();
  }
  return check_result("transpose");
}
