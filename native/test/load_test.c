/* The shipped library, loaded at run time as a JVM loads it. The argument names it. */
#include "octet.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
  if (count != 2) {
    printf("expected the path of liboctet.so, got %d arguments\n", count - 1);
    return 1;
  }
  void *library = dlopen(arguments[1], RTLD_NOW);
  if (library == NULL) {
    printf("%s\n", dlerror());
    return 1;
  }
  void *symbol = dlsym(library, "octet_version");
  int32_t (*version)(void) = NULL;
  memcpy(&version, &symbol, sizeof version);
  if (version == NULL || version() != OCTET_ABI_VERSION) {
    printf("expected octet_version() of %s to be %d, got %d\n", arguments[1], OCTET_ABI_VERSION,
           version == NULL ? -1 : version());
    return 1;
  }
  return 0;
}
