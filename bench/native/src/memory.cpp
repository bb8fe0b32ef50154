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

}  // namespace bench
