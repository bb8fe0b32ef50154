/* What a compiler may call even where it is told that there is no C library: copies and fills of structs and
   arrays. Kernels move their data themselves; nothing here is hot. Hidden: no other library gets these. */
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  for (size_t i = 0; i < bytes; i++) {
    t[i] = f[i];
  }
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if (t < f) {
    return memcpy(to, from, bytes);
  }
  for (size_t i = bytes; i > 0; i--) {
    t[i - 1] = f[i - 1];
  }
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  unsigned char *t = to;
  for (size_t i = 0; i < bytes; i++) {
    t[i] = (unsigned char)value;
  }
  return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
  const unsigned char *l = left;
  const unsigned char *r = right;
  for (size_t i = 0; i < bytes; i++) {
    if (l[i] != r[i]) {
      return l[i] < r[i] ? -1 : 1;
    }
  }
  return 0;
}

#if defined(__APPLE__)
/* What clang calls there for memset with 0, by architecture. */
#if defined(__x86_64__)
#define BZERO __bzero
#else
#define BZERO bzero
#endif

void BZERO(void *to, size_t bytes);

void BZERO(void *to, size_t bytes) {
  memset(to, 0, bytes);
}
#endif
