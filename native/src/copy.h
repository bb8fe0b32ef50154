/* Copies of a few bytes, for kernels that move bytes: the C library has none here, see freestanding.c. */
#ifndef OCTET_COPY_H
#define OCTET_COPY_H

#include <stdint.h>

/* Up to 32 bytes, by two copies that may overlap. */
static inline __attribute__((always_inline)) void copy_few(const char *from, char *to, int64_t count) {
  if (count >= 16) {
    char head[16];
    char tail[16];
    __builtin_memcpy(head, from, 16);
    __builtin_memcpy(tail, from + count - 16, 16);
    __builtin_memcpy(to, head, 16);
    __builtin_memcpy(to + count - 16, tail, 16);
  } else if (count >= 8) {
    uint64_t head;
    uint64_t tail;
    __builtin_memcpy(&head, from, 8);
    __builtin_memcpy(&tail, from + count - 8, 8);
    __builtin_memcpy(to, &head, 8);
    __builtin_memcpy(to + count - 8, &tail, 8);
  } else if (count >= 4) {
    uint32_t head;
    uint32_t tail;
    __builtin_memcpy(&head, from, 4);
    __builtin_memcpy(&tail, from + count - 4, 4);
    __builtin_memcpy(to, &head, 4);
    __builtin_memcpy(to + count - 4, &tail, 4);
  } else if (count > 0) {
    const char middle = from[count / 2];
    const char last = from[count - 1];
    *to = *from;
    to[count / 2] = middle;
    to[count - 1] = last;
  }
}

#endif
