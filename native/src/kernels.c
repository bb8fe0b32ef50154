/* The table of kernels: from a number to the function and its name. */
#include "kernels.h"

#define ENTRY(family, name) (any_kernel *)name,
#define ENTRIES(family, kernels) OCTET_EACH(kernels, ENTRY)
any_kernel *const octet_kernels[] = {OCTET_FAMILIES(ENTRIES) 0};

#define NAME(family, name) #name,
#define NAMES_OF(family, kernels) OCTET_EACH(kernels, NAME)
static const char *const NAMES[] = {OCTET_FAMILIES(NAMES_OF) ""};

int32_t octet_kernel_count(void) {
  return KERNEL_COUNT;
}

const char *octet_kernel_name(int32_t kernel) {
  return NAMES[is_number_between(kernel, 0, KERNEL_COUNT) ? kernel : KERNEL_COUNT];
}
