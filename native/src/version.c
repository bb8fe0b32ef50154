/* Which interface this library has: asked by callers before they bind anything else. */
#include "api.h"

int32_t octet_version(void) {
  return OCTET_ABI_VERSION;
}
