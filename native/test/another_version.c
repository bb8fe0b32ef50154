/* A library that says it has another interface: Java must not bind it. */
#include "api.h"

int32_t octet_version(void) {
  return OCTET_ABI_VERSION + 1;
}
