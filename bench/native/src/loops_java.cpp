// The loops of the limits for Java, so that they take turns with what is held against them: library
// bench-loops.
#include "loops.h"
#include "memory.h"

namespace {

struct Limits {
  bench::ReadLoop read;
  bench::ArithmeticLoop multiply, multiply_floats;
};

void run(const bench::ArithmeticLoop &loop, long operations) {
  loop.run(1 + operations / static_cast<long>(loop.operations));
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

// The loops of a tier of Octet, or null where this CPU does not have it or there are no loops for it; they
// stay.
const void *octet_bench_limits(const char *tier) {
  bench::ReadLoop read = bench::read_loop(tier);
  auto multiply = bench::best_loop("dot", tier), multiply_floats = bench::best_loop("fma", tier);
  return read && multiply && multiply_floats ? new Limits{read, *multiply, *multiply_floats} : nullptr;
}

// Reads memory, a multiple of 1024 bytes from 1024 on, so many times.
void octet_bench_read(const void *limits, const char *memory, long bytes, long times) {
  for (long i = 0; i < times; i++) {
    static_cast<const Limits *>(limits)->read(memory, memory + bytes);
  }
}

// Multiplies bytes at the rate of the best exact instruction for about so many operations, a product and its
// addition being two.
void octet_bench_multiply(const void *limits, long operations) {
  run(static_cast<const Limits *>(limits)->multiply, operations);
}

// What it multiplies with.
const char *octet_bench_multiply_name(const void *limits) {
  return static_cast<const Limits *>(limits)->multiply.name;
}

// The same with multiply-adds of floats.
void octet_bench_multiply_floats(const void *limits, long operations) {
  run(static_cast<const Limits *>(limits)->multiply_floats, operations);
}
}
