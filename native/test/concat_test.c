/* Operands of concatenations on every tier: each byte of their rows, copied or looked up, is where it
   belongs, and no other byte is written; on memory that ends or begins at a forbidden page. */
#include "check.h"

static const uint64_t SEED = UINT64_C(20261128);
static uint64_t state;

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static void concat_on(int32_t tier, const uint8_t *table, const uint8_t *src, int64_t src_row, int64_t first,
                      int64_t dst_row, int64_t rows, int64_t bytes) {
  const struct octet_concat plan = {
      .table = table, .kernel = table == NULL ? octet_copy_kernel(tier) : octet_lookup_kernel(tier)};
  const int64_t count = rows * dst_row;
  uint8_t *dst = guarded((size_t)count);
  memset(dst, 0x5a, (size_t)count);
  octet_concat_run(&plan, src, src_row, dst, dst_row, first, rows, bytes);
  for (int64_t i = 0; i < count; i++) {
    const int64_t column = i % dst_row - first;
    const int inside = column >= 0 && column < bytes;
    const uint8_t x = inside ? src[i / dst_row * src_row + column] : 0;
    const uint8_t expected = !inside ? 0x5a : table == NULL ? x : table[x];
    if (dst[i] != expected) {
      check_fail(
          "%s, %lld rows of %lld bytes, %lld apart, to byte %lld of rows of %lld: byte %lld of row %lld: "
          "expected %d, got %d",
          octet_kernel_name(plan.kernel), (long long)rows, (long long)bytes, (long long)src_row,
          (long long)first, (long long)dst_row, (long long)column, (long long)(i / dst_row), expected,
          dst[i]);
      return;
    }
  }
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  for (int round = 0; round < share_of(2000); round++) {
    const int64_t rows = random_between(&state, 0, 9);
    const int64_t bytes = random_between(&state, 0, round % 2 ? 70 : 300);
    const int64_t src_row = bytes + random_between(&state, 0, 5);
    const int64_t first = random_between(&state, 0, 70);
    const int64_t dst_row = first + bytes + random_between(&state, 0, 70);
    const size_t size = rows == 0 ? 0 : (size_t)((rows - 1) * src_row + bytes);
    uint8_t *src = guarded(size);
    random_bytes(&state, src, size);
    uint8_t *table = guarded(256);
    random_bytes(&state, table, 256);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases += 2;
        concat_on(tier, NULL, src, src_row, first, dst_row, rows, bytes);
        concat_on(tier, table, src, src_row, first, dst_row, rows, bytes);
      }
    }
    guarded_free();
  }
  return check_result("concat");
}
