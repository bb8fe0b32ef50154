/* CPU detection of 64-bit Arm in two steps, so that the decision can be tested on CPUs that are not here. */
#ifndef OCTET_CPU_ARM_H
#define OCTET_CPU_ARM_H

#include <stddef.h>
#include <stdint.h>

/* What Linux tells a program about its CPU: AT_HWCAP and AT_HWCAP2 of the auxiliary vector; 0 where that
   could not be read. What macOS tells has the same form. */
struct cpu_arm_words {
  uint64_t hwcap;
  uint64_t hwcap2;
};

/* The two words of an auxiliary vector: pairs of type and value up to a type of 0, or to the end of some. */
struct cpu_arm_words cpu_arm_words_of(const uint64_t *vector, int64_t pairs);

/* sysctlbyname of macOS: a negative result is an error, such as a name that is not known. */
typedef int cpu_arm_sysctl(const char *name, void *value, size_t *bytes, void *set, size_t set_bytes);

/* The two words, of the features that macOS tells by name; no others are set. */
struct cpu_arm_words cpu_arm_words_of_sysctl(cpu_arm_sysctl *sysctl);

/* The highest tier. */
int32_t cpu_arm_tier(struct cpu_arm_words words);

/* Whether kernels of a tier can be used. */
int32_t cpu_arm_supports(struct cpu_arm_words words, int32_t tier);

/* The words of the CPU that runs this; on Linux and macOS for 64-bit Arm only. */
struct cpu_arm_words cpu_arm_here(void);

#endif
