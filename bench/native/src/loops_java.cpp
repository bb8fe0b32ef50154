// The loops of the limits for Java, so that they take turns with what is held against them: library
// bench-loops.
#include "loops.h"
#include "memory.h"

namespace {

int run(const bench::ArithmeticLoop *loop, long operations) {
  if (loop) {
    loop->run(1 + operations / static_cast<long>(loop->operations));
  }
  return loop != nullptr;
}

}  // namespace

extern "C" {

// Bytes to read, from 1 on; the caller frees them.
char *octet_bench_memory(long bytes) {
  return bench::huge_memory(static_cast<size_t>(bytes));
}

void octet_bench_free(char *memory) {
  bench::free_huge_memory(memory);
}

// Reads memory, a multiple of 1024 bytes, so many times; 0 if this CPU has no loop for it.
int octet_bench_read(const char *memory, long bytes, long times) {
  bench::ReadLoop read = bench::read_loop();
  for (long i = 0; read && bytes > 0 && i < times; i++) {
    read(memory, memory + bytes);
  }
  return read != nullptr;
}

// Multiplies bytes at the rate of the best exact instruction for about so many operations, a product and its
// addition being two; 0 if this CPU has no loop for it.
int octet_bench_multiply(long operations) {
  static const bench::ArithmeticLoop *best = bench::best_loop("dot");
  return run(best, operations);
}

// The same with fused multiply-adds of floats.
int octet_bench_multiply_floats(long operations) {
  static const bench::ArithmeticLoop *best = bench::best_loop("fma");
  return run(best, operations);
}
}
