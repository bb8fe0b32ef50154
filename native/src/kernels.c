/* The table of kernels: from a number to the function and its name. */
#include "kernels.h"

#define ENTRY(family, name) (any_kernel *)name,
any_kernel *const octet_kernels[] = {OCTET_KERNELS(ENTRY) 0};

#define NAME(family, name) #name,
static const char *const NAMES[] = {OCTET_KERNELS(NAME) ""};

int32_t octet_kernel_count(void) {
  return KERNEL_COUNT;
}

const char *octet_kernel_name(int32_t kernel) {
  return NAMES[kernel >= 0 && kernel < KERNEL_COUNT ? kernel : KERNEL_COUNT];
}
