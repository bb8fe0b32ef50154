// The loops that the limits of a core are measured with. In assembly, so that what runs is what is written:
// no spill, no load, nothing left out. Each says how much one turn does; the caller says how many turns.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace bench {

// Arithmetic in registers.
struct ArithmeticLoop {
  // Kind of arithmetic: "dot" (8-bit integers) or "fma" (F32).
  const char *op;
  // Instruction and vector register; "-inexact" where 16-bit sums saturate.
  const char *name;
  const char *form;
  // Operations a turn, a product and its addition being two.
  double operations;
  void (*run)(long turns);
  // The lowest tier of instruction sets, by Octet's names, that has it.
  const char *tier;
};

// Loads without use, from start to end, which is a multiple of read_step bytes away.
using ReadLoop = void (*)(const char *start, const char *end);
constexpr size_t read_step = 1024;

// Those that this CPU and its operating system can run and that a tier of Octet has; none of an unknown tier.
// Null: the highest tier here.
std::vector<ArithmeticLoop> arithmetic_loops(const char *tier = nullptr);
ReadLoop read_loop(const char *tier = nullptr);
ReadLoop prefetching_read_loop();

// The fastest of a kind that is exact, if there is one.
std::optional<ArithmeticLoop> best_loop(const char *op, const char *tier = nullptr);

}  // namespace bench
