#include "loops.h"

#include <cstring>

// Twelve accumulators (registers 2 to 13) hide latencies of up to 6 cycles at two instructions a cycle. The
// operands, in registers 0, 1 and 14, are the float 0.7 in every lane, as 8-bit integers 0x33 and 0x3f: zeros
// would draw less power than real data, denormals and infinities would be slow.
#define TWELVE(X) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)
#define EACH_OF_SIX(X) X(2, 8) X(3, 9) X(4, 10) X(5, 11) X(6, 12) X(7, 13)

#define ZERO(R) "vpxor %%xmm" #R ", %%xmm" #R ", %%xmm" #R "\n\t"
#define DOT_ZMM(R) "vpdpbusd %%zmm0, %%zmm1, %%zmm" #R "\n\t"
#define DOT_EVEX_YMM(R) "%{evex%} vpdpbusd %%ymm0, %%ymm1, %%ymm" #R "\n\t"
#define DOT_VEX_YMM(R) "%{vex%} vpdpbusd %%ymm0, %%ymm1, %%ymm" #R "\n\t"
#define FMA_ZMM(R) "vfmadd231ps %%zmm0, %%zmm1, %%zmm" #R "\n\t"
#define FMA_YMM(R) "vfmadd231ps %%ymm0, %%ymm1, %%ymm" #R "\n\t"
// Exact sums of 8-bit products without VNNI: operands widened to 16 bits before (not counted), pairs summed
// to 32 bits.
#define WIDE_YMM(A, T) \
  "vpmaddwd %%ymm0, %%ymm1, %%ymm" #T "\n\tvpaddd %%ymm" #T ", %%ymm" #A ", %%ymm" #A "\n\t"
#define WIDE_ZMM(A, T) \
  "vpmaddwd %%zmm0, %%zmm1, %%zmm" #T "\n\tvpaddd %%zmm" #T ", %%zmm" #A ", %%zmm" #A "\n\t"
// The usual way without VNNI: pairs of u8 * s8 saturate at 16 bits.
#define PAIRS_YMM(A, T)                                                                                     \
  "vpmaddubsw %%ymm0, %%ymm1, %%ymm" #T "\n\tvpmaddwd %%ymm14, %%ymm" #T ", %%ymm" #T "\n\tvpaddd %%ymm" #T \
  ", %%ymm" #A ", %%ymm" #A "\n\t"
#define PAIRS_ZMM(A, T)                                                                                     \
  "vpmaddubsw %%zmm0, %%zmm1, %%zmm" #T "\n\tvpmaddwd %%zmm14, %%zmm" #T ", %%zmm" #T "\n\tvpaddd %%zmm" #T \
  ", %%zmm" #A ", %%zmm" #A "\n\t"

// The branch is taken once for every 12 accumulators: two more instructions, which no vector port runs.
#define LOOP(NAME, VECTOR, BODY)                                                                       \
  void NAME(long turns) {                                                                              \
    __asm__ volatile("vbroadcastss %1, %%" VECTOR "0\n\tvbroadcastss %1, %%" VECTOR                    \
                     "1\n\tvbroadcastss %1, %%" VECTOR                                                 \
                     "14\n\t" TWELVE(ZERO) "1:\n\t" BODY "dec %0\n\tjnz 1b\n\tvzeroupper"              \
                     : "+r"(turns)                                                                     \
                     : "m"(operand)                                                                    \
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "cc");                             \
  }

// Sixteen loads a turn of 16 cache lines (zmm), 32 of 32 bytes (ymm).
#define LOAD_ZMM(N) "vmovdqu64 " #N "*64(%0), %%zmm0\n\t"
#define LOAD_YMM(N) "vmovdqu " #N "*64(%0), %%ymm0\n\tvmovdqu " #N "*64+32(%0), %%ymm1\n\t"
#define SIXTEEN_LINES(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define READ(NAME, LOAD)                                                                               \
  void NAME(const char *start, const char *end) {                                                      \
    __asm__ volatile("1:\n\t" SIXTEEN_LINES(LOAD) "add $1024, %0\n\tcmp %1, %0\n\tjb 1b\n\tvzeroupper" \
                     : "+r"(start)                                                                     \
                     : "r"(end)                                                                        \
                     : "xmm0", "xmm1", "cc", "memory");                                                \
  }

// The same, asking for the lines 4 KB ahead, some 60 ns at 64 GB/s. Past the end a prefetch does nothing.
#define FETCH(N) "prefetcht0 " #N "*64+4096(%0)\n\t"
#define FETCH_ZMM(N) FETCH(N) LOAD_ZMM(N)
#define FETCH_YMM(N) FETCH(N) LOAD_YMM(N)

namespace bench {

namespace {

const float operand = 0.7f;

LOOP(vpdpbusd_zmm, "zmm", TWELVE(DOT_ZMM))
LOOP(vpdpbusd_evex_ymm, "ymm", TWELVE(DOT_EVEX_YMM))
LOOP(vpdpbusd_vex_ymm, "ymm", TWELVE(DOT_VEX_YMM))
LOOP(vpmaddwd_zmm, "zmm", EACH_OF_SIX(WIDE_ZMM))
LOOP(vpmaddwd_ymm, "ymm", EACH_OF_SIX(WIDE_YMM))
LOOP(vpmaddubsw_zmm, "zmm", EACH_OF_SIX(PAIRS_ZMM))
LOOP(vpmaddubsw_ymm, "ymm", EACH_OF_SIX(PAIRS_YMM))
LOOP(fma_zmm, "zmm", TWELVE(FMA_ZMM))
LOOP(fma_ymm, "ymm", TWELVE(FMA_YMM))

READ(read_zmm, LOAD_ZMM)
READ(read_ymm, LOAD_YMM)
READ(fetch_zmm, FETCH_ZMM)
READ(fetch_ymm, FETCH_YMM)

}  // namespace

// __builtin_cpu_supports looks at CPUID and at what the operating system saves (XGETBV).
std::vector<ArithmeticLoop> arithmetic_loops() {
  std::vector<ArithmeticLoop> loops;
  bool avx512 = __builtin_cpu_supports("avx512bw");
  if (avx512 && __builtin_cpu_supports("avx512vnni")) {
    loops.push_back({"dot", "vpdpbusd-zmm", "u8s8s32", 12 * 128, vpdpbusd_zmm});
    if (__builtin_cpu_supports("avx512vl")) {
      loops.push_back({"dot", "vpdpbusd-ymm", "u8s8s32", 12 * 64, vpdpbusd_evex_ymm});
    }
  } else if (__builtin_cpu_supports("avxvnni")) {
    loops.push_back({"dot", "vpdpbusd-ymm", "u8s8s32", 12 * 64, vpdpbusd_vex_ymm});
  }
  if (avx512) {
    loops.push_back({"dot", "vpmaddwd-zmm", "u8s8s32", 6 * 64, vpmaddwd_zmm});
    loops.push_back({"dot", "vpmaddubsw-zmm-inexact", "u8s8s32", 6 * 128, vpmaddubsw_zmm});
    loops.push_back({"fma", "fma-zmm", "f32", 12 * 32, fma_zmm});
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    loops.push_back({"dot", "vpmaddwd-ymm", "u8s8s32", 6 * 32, vpmaddwd_ymm});
    loops.push_back({"dot", "vpmaddubsw-ymm-inexact", "u8s8s32", 6 * 64, vpmaddubsw_ymm});
    loops.push_back({"fma", "fma-ymm", "f32", 12 * 16, fma_ymm});
  }
  return loops;
}

// The list begins with the fastest of a kind.
const ArithmeticLoop *best_loop(const char *op) {
  static const std::vector<ArithmeticLoop> loops = arithmetic_loops();
  for (const ArithmeticLoop &loop : loops) {
    if (!std::strcmp(loop.op, op) && !std::strstr(loop.name, "inexact")) {
      return &loop;
    }
  }
  return nullptr;
}

ReadLoop read_loop() {
  return __builtin_cpu_supports("avx512f") ? read_zmm : __builtin_cpu_supports("avx2") ? read_ymm : nullptr;
}

ReadLoop prefetching_read_loop() {
  return __builtin_cpu_supports("avx512f") ? fetch_zmm : __builtin_cpu_supports("avx2") ? fetch_ymm : nullptr;
}

}  // namespace bench
