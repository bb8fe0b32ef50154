// The loops of the limits for Java, so that they take turns with what is held against them: library
// bench-loops.
#include "loops.h"
#include "memory.h"

#include <cstring>

extern "C" {

// Bytes to read, from 1 on; the caller frees them.
char *octet_bench_memory(long bytes) {
  return bench::huge_memory(static_cast<size_t>(bytes));
}

void octet_bench_free(char *memory) {
  bench::free_huge_memory(memory);
}

// Reads memory, a multiple of 1024 bytes; 0 if this CPU has no loop for it.
int octet_bench_read(const char *memory, long bytes) {
  bench::ReadLoop read = bench::read_loop();
  if (read && bytes > 0) {
    read(memory, memory + bytes);
  }
  return read != nullptr;
}

// Multiplies bytes at the rate of the best exact instruction for about so many operations, a product and its
// addition being two; 0 if this CPU has no loop for it.
int octet_bench_multiply(long operations) {
  static const bench::ArithmeticLoop *best = [] {
    static const std::vector<bench::ArithmeticLoop> loops = bench::arithmetic_loops();
    const bench::ArithmeticLoop *first = nullptr;
    for (const bench::ArithmeticLoop &loop : loops) {
      // The list begins with the fastest.
      if (!first && !std::strcmp(loop.op, "dot") && !std::strstr(loop.name, "inexact")) {
        first = &loop;
      }
    }
    return first;
  }();
  if (best) {
    best->run(1 + operations / static_cast<long>(best->operations));
  }
  return best != nullptr;
}
}
