/* Which instruction set tier a 64-bit Arm CPU has, as the system says: it knows of CPUs whose cores differ,
   and of what it has switched off. */
#include "cpu_arm.h"

#include "api.h"

enum { AT_NULL = 0, AT_HWCAP = 16, AT_HWCAP2 = 26, HWCAP_ASIMDDP = 20, HWCAP2_I8MM = 13 };

struct cpu_arm_words cpu_arm_words_of(const uint64_t *vector, int64_t pairs) {
  struct cpu_arm_words words = {0};
  for (int64_t i = 0; i < pairs && vector[2 * i] != AT_NULL; i++) {
    if (vector[2 * i] == AT_HWCAP) {
      words.hwcap = vector[2 * i + 1];
    } else if (vector[2 * i] == AT_HWCAP2) {
      words.hwcap2 = vector[2 * i + 1];
    }
  }
  return words;
}

static uint64_t feature(cpu_arm_sysctl *sysctl, const char *name) {
  /* macOS has 4 bytes of it, the low ones. */
  int64_t value = 0;
  size_t bytes = sizeof value;
  return sysctl(name, &value, &bytes, 0, 0) == 0 && value != 0;
}

/* Not inlined: the address of sysctlbyname is bound when the library is loaded; a call of it by name would be
   bound at first use, by one more function of libSystem. */
__attribute__((noinline)) struct cpu_arm_words cpu_arm_words_of_sysctl(cpu_arm_sysctl *sysctl) {
  return (struct cpu_arm_words){.hwcap = feature(sysctl, "hw.optional.arm.FEAT_DotProd") << HWCAP_ASIMDDP,
                                .hwcap2 = feature(sysctl, "hw.optional.arm.FEAT_I8MM") << HWCAP2_I8MM};
}

/* Kernels of OCTET_ISA_I8MM use dot products too. The architecture allows one without the other; no CPU is
   known that has them so. */
int32_t cpu_arm_tier(struct cpu_arm_words words) {
  if ((words.hwcap >> HWCAP_ASIMDDP & 1) == 0) {
    return OCTET_ISA_NEON;
  }
  return (words.hwcap2 >> HWCAP2_I8MM & 1) == 0 ? OCTET_ISA_DOTPROD : OCTET_ISA_I8MM;
}

int32_t cpu_arm_supports(struct cpu_arm_words words, int32_t tier) {
  return tier == OCTET_ISA_BASELINE || (tier >= OCTET_ISA_NEON && tier <= cpu_arm_tier(words));
}

#if defined(__aarch64__) && defined(__linux__)

enum { SYS_OPENAT = 56, SYS_CLOSE = 57, SYS_READ = 63, AT_FDCWD = -100, O_CLOEXEC = 02000000 };

/* A negative result is an error. */
static int64_t system_call(int64_t number, int64_t first, const void *second, int64_t third) {
  register int64_t x8 __asm__("x8") = number;
  register int64_t x0 __asm__("x0") = first;
  register const void *x1 __asm__("x1") = second;
  register int64_t x2 __asm__("x2") = third;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}

/* getauxval belongs to the C library, which this library does without; the kernel shows the same vector in a
   file. Where there is no /proc, the tier is the one that all CPUs have. */
struct cpu_arm_words cpu_arm_here(void) {
  /* Linux of 2026 has 20 to 25 pairs. */
  enum { PAIRS = 64 };
  uint64_t vector[2 * PAIRS];
  const int64_t file = system_call(SYS_OPENAT, AT_FDCWD, "/proc/self/auxv", O_CLOEXEC);
  if (file < 0) {
    return (struct cpu_arm_words){0};
  }
  int64_t bytes = 0;
  int64_t got;
  do {
    got = system_call(SYS_READ, file, (char *)vector + bytes, (int64_t)sizeof vector - bytes);
    bytes += got > 0 ? got : 0;
  } while (got > 0 && bytes < (int64_t)sizeof vector);
  system_call(SYS_CLOSE, file, 0, 0);
  return cpu_arm_words_of(vector, bytes / 16);
}

#elif defined(__aarch64__) && defined(__APPLE__)

/* In libSystem; Apple's header is not at hand where the library is built. */
int sysctlbyname(const char *name, void *value, size_t *bytes, void *set, size_t set_bytes);

struct cpu_arm_words cpu_arm_here(void) {
  return cpu_arm_words_of_sysctl(sysctlbyname);
}

#endif
