/* What the tests ask of POSIX or Windows: pages of memory that are forbidden, some of which are opened, the
   number of the process, and a fused multiply-add that rounds once. */
#ifndef OCTET_TEST_SYSTEM_H
#define OCTET_TEST_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)

#define WIN32_LEAN_AND_MEAN
#include <math.h>
#include <windows.h>

#include "fused.h"

/* Of 16-bit pointers. */
#undef NEAR
#undef FAR

/* That of mingw-w64 10 rounds several times (findings/mingw-fmaf-is-no-fused-multiply-add.sh). With glibc the
   tests hold this one to fmaf. */
#define fmaf fused_multiply_add

static inline size_t page_bytes(void) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwPageSize;
}

/* Pages that nobody may touch, or NULL. */
static inline void *forbidden_pages(size_t bytes) {
  return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
}

/* Lets pages be read and written; 0 where that fails. */
static inline int open_pages(void *pages, size_t bytes) {
  DWORD before;
  return VirtualProtect(pages, bytes, PAGE_READWRITE, &before);
}

/* Gives back all that forbidden_pages gave at once. */
static inline void free_pages(void *pages, size_t bytes) {
  (void)bytes;
  VirtualFree(pages, 0, MEM_RELEASE);
}

static inline uint64_t process_number(void) {
  return GetCurrentProcessId();
}

#else

#include <sys/mman.h>
#include <unistd.h>

static inline size_t page_bytes(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

/* Pages that nobody may touch, or NULL. */
static inline void *forbidden_pages(size_t bytes) {
  void *pages = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

/* Lets pages be read and written; 0 where that fails. */
static inline int open_pages(void *pages, size_t bytes) {
  return mprotect(pages, bytes, PROT_READ | PROT_WRITE) == 0;
}

/* Gives back all that forbidden_pages gave at once. */
static inline void free_pages(void *pages, size_t bytes) {
  munmap(pages, bytes);
}

static inline uint64_t process_number(void) {
  return (uint64_t)getpid();
}

#endif

#endif
