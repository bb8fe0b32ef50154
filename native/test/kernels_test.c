/* The list of kernels as callers see it: every number has a name, no name twice, names by the grammar. And
   the arithmetic by which kernels share out sizes. */
#include "check.h"
#include "matmul.h"

static void names(void) {
  const int32_t count = octet_kernel_count();
  for (int32_t i = 0; i < count; i++) {
    check_cases++;
    const char *name = octet_kernel_name(i);
    const char *isa = strstr(name, "__");
    if (strncmp(name, "octet_", 6) != 0 || isa == NULL || isa[2] == 0) {
      check_fail("kernel %d: expected octet_..__<isa>, got \"%s\"", i, name);
    }
    for (int32_t j = 0; j < i; j++) {
      if (strcmp(name, octet_kernel_name(j)) == 0) {
        check_fail("kernels %d and %d are both named %s", j, i, name);
      }
    }
  }
}

static void no_kernel_has_no_name(void) {
  check_cases++;
  if (octet_kernel_name(-1)[0] != 0 || octet_kernel_name(octet_kernel_count())[0] != 0) {
    check_fail("a number beyond the list has a name");
  }
}

/* Sizes up to the largest int: an image of one line of 2^31 - 1 pixels was not convolved at all, because its
   share of a block wrapped around. */
static void shares_of_large_counts(void) {
  static const int32_t counts[] = {0, 1, 6, 7, 4093, INT32_MAX - 4092, INT32_MAX - 1, INT32_MAX};
  static const int32_t limits[] = {1, 6, 480, 4092, INT32_MAX};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++) {
      const int64_t parts = ((int64_t)counts[i] + limits[j] - 1) / limits[j];
      const int64_t first = parts == 0 ? 0 : (counts[i] + parts - 1) / parts;
      check_cases++;
      if (divided_up(counts[i], limits[j]) != parts || share(counts[i], limits[j]) != first) {
        check_fail("%d by %d: expected %lld parts, the first of %lld, got %d and %d", counts[i], limits[j],
                   (long long)parts, (long long)first, divided_up(counts[i], limits[j]),
                   share(counts[i], limits[j]));
      }
    }
  }
}

int main(void) {
  shares_of_large_counts();
  names();
  no_kernel_has_no_name();
  return check_result("kernels");
}
