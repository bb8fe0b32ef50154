#include "memory.h"

#include <sys/mman.h>
#include <cstring>
#include <new>

namespace bench {

namespace {

constexpr size_t huge_page = 2U << 20;

}  // namespace

char *huge_memory(size_t bytes) {
  void *start = ::operator new(bytes, std::align_val_t(huge_page));
  // Where the system has none this does nothing.
  madvise(start, bytes / huge_page * huge_page, MADV_HUGEPAGE);
  std::memset(start, 1, bytes);
  return static_cast<char *>(start);
}

void free_huge_memory(char *start) {
  ::operator delete(start, std::align_val_t(huge_page));
}

char *small_memory(size_t bytes) {
  void *start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) {
    throw std::bad_alloc();
  }
  madvise(start, bytes, MADV_NOHUGEPAGE);
  std::memset(start, 1, bytes);
  return static_cast<char *>(start);
}

void free_small_memory(char *start, size_t bytes) {
  munmap(start, bytes);
}

}  // namespace bench
