/* The list of kernels as callers see it: every number has a name, no name twice, names by the grammar. */
#include "check.h"

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

int main(void) {
  names();
  no_kernel_has_no_name();
  return check_result("kernels");
}
