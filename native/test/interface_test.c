/* The shipped library through its header: version, and tiers against what the system says in another way than
   the library asks: /proc/cpuinfo, the C library, or Windows. */
#include "octet.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
/* Where wine shows the files of Linux. */
static const char CPUINFO[] = "Z:/proc/cpuinfo";
#else
static const char CPUINFO[] = "/proc/cpuinfo";
#endif

/* The first line "flags" of /proc/cpuinfo with a space around every flag, or no flag at all. */
static void read_flags(char *flags, size_t size) {
  FILE *file = fopen(CPUINFO, "r");
  strcpy(flags, " ");
  while (file != NULL && fgets(flags, (int)size, file) != NULL && strncmp(flags, "flags", 5) != 0) {
    strcpy(flags, " ");
  }
  if (file != NULL) {
    fclose(file);
  }
  char *end = strchr(flags, '\n');
  if (end != NULL) {
    *end = ' ';
  }
}

static int32_t tier_by_flags(const char *flags) {
  if (strstr(flags, " avx2 ") == NULL || strstr(flags, " fma ") == NULL) {
    return OCTET_ISA_BASELINE;
  }
  if (strstr(flags, " avx512f ") != NULL && strstr(flags, " avx512bw ") != NULL &&
      strstr(flags, " avx512vl ") != NULL && strstr(flags, " avx512dq ") != NULL) {
    return strstr(flags, " avx512_vnni ") != NULL ? OCTET_ISA_AVX512VNNI : OCTET_ISA_AVX512;
  }
  return strstr(flags, " avx_vnni ") != NULL ? OCTET_ISA_AVXVNNI : OCTET_ISA_AVX2;
}

/* Windows knows of AVX2, but of nothing above that wine and all its versions would tell. */
static int check_avx2(void) {
#if defined(_WIN32)
  const int32_t avx2 = IsProcessorFeaturePresent(PF_AVX2_INSTRUCTIONS_AVAILABLE) != 0;
  if ((octet_cpu_tier() >= OCTET_ISA_AVX2) != avx2) {
    printf("expected a tier with AVX2 %d by Windows, got %d\n", avx2, octet_cpu_tier());
    return 1;
  }
#endif
  return 0;
}

static int check_tier(void) {
  int failures = check_avx2();
  /* Linux clears the flags of what it does not enable. */
  static char flags[1 << 16];
  read_flags(flags, sizeof flags);
  printf("tier %d\n", octet_cpu_tier());
#if defined(_WIN32)
  if (strcmp(flags, " ") == 0) {
    return failures;
  }
#endif
  const int32_t expected = tier_by_flags(flags);
  if (octet_cpu_tier() != expected) {
    printf("expected tier %d by /proc/cpuinfo, got %d\n", expected, octet_cpu_tier());
    failures++;
  }
  const int32_t amx = strstr(flags, " amx_tile ") != NULL && strstr(flags, " amx_int8 ") != NULL;
  if (octet_cpu_amx_int8() != amx) {
    printf("expected AMX %d by /proc/cpuinfo, got %d\n", amx, octet_cpu_amx_int8());
    failures++;
  }
  return failures;
}

#elif defined(__aarch64__)

#include <sys/auxv.h>

static int check_tier(void) {
  const unsigned long hwcap = getauxval(AT_HWCAP);
  const unsigned long hwcap2 = getauxval(AT_HWCAP2);
  const int32_t expected = (hwcap & 1 << 20) == 0    ? OCTET_ISA_NEON
                           : (hwcap2 & 1 << 13) == 0 ? OCTET_ISA_DOTPROD
                                                     : OCTET_ISA_I8MM;
  printf("tier %d\n", octet_cpu_tier());
  if (octet_cpu_tier() != expected || octet_cpu_amx_int8()) {
    printf("expected tier %d by getauxval and no AMX, got %d and %d\n", expected, octet_cpu_tier(),
           octet_cpu_amx_int8());
    return 1;
  }
  return 0;
}

#else

static int check_tier(void) {
  return octet_cpu_tier() != OCTET_ISA_BASELINE || octet_cpu_amx_int8();
}

#endif

int main(void) {
  int failures = 0;
  if (octet_version() != OCTET_ABI_VERSION) {
    printf("expected version %d as in the header, got %d\n", OCTET_ABI_VERSION, octet_version());
    failures++;
  }
  failures += check_tier();
  if (octet_cpu_tier_of_hardware() < octet_cpu_tier()) {
    printf("tier %d of the hardware is below the usable tier %d\n", octet_cpu_tier_of_hardware(),
           octet_cpu_tier());
    failures++;
  }
  return failures == 0 ? 0 : 1;
}
