/* CPU detection of x86-64 in two steps, so that the decision can be tested on CPUs that are not here. */
#ifndef OCTET_CPU_H
#define OCTET_CPU_H

#include <stdint.h>

/* What CPUID and XGETBV say, unread; 0 where the CPU does not know a leaf, or the system has no XSAVE. */
struct cpu_words {
  uint32_t leaf1_ecx;
  uint32_t leaf7_ebx;
  uint32_t leaf7_ecx;
  uint32_t leaf7_edx;
  uint32_t leaf7_1_eax;
  uint64_t xcr0;
};

/* The highest tier of the CPU. */
int32_t cpu_tier_of_hardware(const struct cpu_words *words);

/* The highest tier of the CPU whose registers the operating system saves. */
int32_t cpu_tier(const struct cpu_words *words);

/* Whether kernels of a tier can be used. */
int32_t cpu_supports(const struct cpu_words *words, int32_t tier);

/* Whether AMX tiles with 8-bit products can be used. */
int32_t cpu_amx_int8(const struct cpu_words *words);

/* Whether AVX512-VBMI can be used: permutations of bytes. */
int32_t cpu_vbmi(const struct cpu_words *words);

/* The same, of the CPU that runs this; x86-64 only. */
int32_t cpu_vbmi_here(void);

#endif
