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

// With SSE2 alone, where a product overwrites an operand.
#define WIDE_XMM(A, T) \
  "movdqa %%xmm0, %%xmm" #T "\n\tpmaddwd %%xmm1, %%xmm" #T "\n\tpaddd %%xmm" #T ", %%xmm" #A "\n\t"
#define MULTIPLY_ADD_XMM(A, T) \
  "movaps %%xmm0, %%xmm" #T "\n\tmulps %%xmm1, %%xmm" #T "\n\taddps %%xmm" #T ", %%xmm" #A "\n\t"
#define ZERO_XMM(R) "pxor %%xmm" #R ", %%xmm" #R "\n\t"
#define SPREAD_XMM(R) "movss %1, %%xmm" #R "\n\tshufps $0, %%xmm" #R ", %%xmm" #R "\n\t"

// The branch is taken once for every 12 accumulators: two more instructions, which no vector port runs.
#define LOOP_OF(NAME, BEGIN, BODY, END)                                                                \
  void NAME(long turns) {                                                                              \
    __asm__ volatile(BEGIN "1:\n\t" BODY "dec %0\n\tjnz 1b\n\t" END                                    \
                     : "+r"(turns)                                                                     \
                     : "m"(operand)                                                                    \
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "cc");                             \
  }
#define LOOP(NAME, VECTOR, BODY)                                                                           \
  LOOP_OF(NAME,                                                                                            \
          "vbroadcastss %1, %%" VECTOR "0\n\tvbroadcastss %1, %%" VECTOR "1\n\tvbroadcastss %1, %%" VECTOR \
          "14\n\t" TWELVE(ZERO),                                                                           \
          BODY, "vzeroupper")
#define LOOP_XMM(NAME, BODY) LOOP_OF(NAME, SPREAD_XMM(0) SPREAD_XMM(1) TWELVE(ZERO_XMM), BODY, "")

// Sixteen loads a turn of 16 cache lines (zmm), 32 of 32 bytes (ymm), 64 of 16 bytes (xmm).
#define LOAD_ZMM(N) "vmovdqu64 " #N "*64(%0), %%zmm0\n\t"
#define LOAD_YMM(N) "vmovdqu " #N "*64(%0), %%ymm0\n\tvmovdqu " #N "*64+32(%0), %%ymm1\n\t"
#define LOAD_XMM(N)                                                               \
  "movdqu " #N "*64(%0), %%xmm0\n\tmovdqu " #N "*64+16(%0), %%xmm1\n\tmovdqu " #N \
  "*64+32(%0), %%xmm0\n\tmovdqu " #N "*64+48(%0), %%xmm1\n\t"
#define SIXTEEN_LINES(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define READ_OF(NAME, LOAD, END)                                                                 \
  void NAME(const char *start, const char *end) {                                                \
    __asm__ volatile("1:\n\t" SIXTEEN_LINES(LOAD) "add $1024, %0\n\tcmp %1, %0\n\tjb 1b\n\t" END \
                     : "+r"(start)                                                               \
                     : "r"(end)                                                                  \
                     : "xmm0", "xmm1", "cc", "memory");                                          \
  }
#define READ(NAME, LOAD) READ_OF(NAME, LOAD, "vzeroupper")

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
LOOP_XMM(pmaddwd_xmm, EACH_OF_SIX(WIDE_XMM))
LOOP_XMM(multiply_add_xmm, EACH_OF_SIX(MULTIPLY_ADD_XMM))

READ(read_zmm, LOAD_ZMM)
READ(read_ymm, LOAD_YMM)
READ_OF(read_xmm, LOAD_XMM, "")
READ(fetch_zmm, FETCH_ZMM)
READ(fetch_ymm, FETCH_YMM)

// Tiers of Octet, the lowest first. AVX-VNNI is no part of those behind it: there are CPUs without.
constexpr const char *tiers[] = {"baseline", "avx2", "avxvnni", "avx512", "avx512vnni"};

int rank(const char *tier) {
  int place = 0;
  for (const char *name : tiers) {
    if (!std::strcmp(name, tier)) {
      return place;
    }
    place++;
  }
  return -1;
}

bool includes(const char *tier, const char *lower) {
  return rank(lower) <= rank(tier) && (std::strcmp(lower, "avxvnni") || !std::strcmp(tier, lower));
}

// __builtin_cpu_supports looks at CPUID and at what the operating system saves (XGETBV).
bool has(const char *tier) {
  switch (rank(tier)) {
    case 0:
      return true;
    case 1:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case 2:
      return __builtin_cpu_supports("avxvnni");
    case 3:
      return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    case 4:
      return has("avx512") && __builtin_cpu_supports("avx512vnni");
    default:
      return false;
  }
}

const char *highest() {
  const char *best = tiers[0];
  for (const char *tier : tiers) {
    best = has(tier) ? tier : best;
  }
  return best;
}

}  // namespace

std::vector<ArithmeticLoop> arithmetic_loops(const char *tier) {
  const std::vector<ArithmeticLoop> all = {
      {"dot", "vpdpbusd-zmm", "u8s8s32", 12 * 128, vpdpbusd_zmm, "avx512vnni"},
      {"dot", "vpdpbusd-ymm", "u8s8s32", 12 * 64, vpdpbusd_evex_ymm, "avx512vnni"},
      {"dot", "vpdpbusd-vex-ymm", "u8s8s32", 12 * 64, vpdpbusd_vex_ymm, "avxvnni"},
      {"dot", "vpmaddwd-zmm", "u8s8s32", 6 * 64, vpmaddwd_zmm, "avx512"},
      {"dot", "vpmaddubsw-zmm-inexact", "u8s8s32", 6 * 128, vpmaddubsw_zmm, "avx512"},
      {"fma", "fma-zmm", "f32", 12 * 32, fma_zmm, "avx512"},
      {"dot", "vpmaddwd-ymm", "u8s8s32", 6 * 32, vpmaddwd_ymm, "avx2"},
      {"dot", "vpmaddubsw-ymm-inexact", "u8s8s32", 6 * 64, vpmaddubsw_ymm, "avx2"},
      {"fma", "fma-ymm", "f32", 12 * 16, fma_ymm, "avx2"},
      {"dot", "pmaddwd-xmm", "u8s8s32", 6 * 16, pmaddwd_xmm, "baseline"},
      {"fma", "mulps-addps-xmm", "f32", 6 * 8, multiply_add_xmm, "baseline"},
  };
  std::vector<ArithmeticLoop> loops;
  for (const ArithmeticLoop &loop : all) {
    if (has(loop.tier) && includes(tier ? tier : highest(), loop.tier)) {
      loops.push_back(loop);
    }
  }
  return loops;
}

// The list begins with the fastest of a kind.
std::optional<ArithmeticLoop> best_loop(const char *op, const char *tier) {
  for (const ArithmeticLoop &loop : arithmetic_loops(tier)) {
    if (!std::strcmp(loop.op, op) && !std::strstr(loop.name, "inexact")) {
      return loop;
    }
  }
  return std::nullopt;
}

ReadLoop read_loop(const char *tier) {
  const char *most = tier ? tier : highest();
  return has("avx512") && includes(most, "avx512") ? read_zmm
         : has("avx2") && includes(most, "avx2")   ? read_ymm
         : rank(most) < 0                          ? nullptr
                                                   : read_xmm;
}

ReadLoop prefetching_read_loop() {
  return has("avx512") ? fetch_zmm : has("avx2") ? fetch_ymm : nullptr;
}

}  // namespace bench
