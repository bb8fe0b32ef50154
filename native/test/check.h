/* What the tests of kernels share: operands flush against a forbidden page, seeded random numbers, failures
   that say everything about their case. One test is one program: static state is its own. */
#ifndef OCTET_TEST_CHECK_H
#define OCTET_TEST_CHECK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "octet.h"
#include "system.h"

enum { CHECK_MAX_BUFFERS = 64, CHECK_MAX_FAILURES = 10 };

static int check_failures;
static long check_cases;
static struct {
  void *map;
  size_t bytes;
} check_buffers[CHECK_MAX_BUFFERS];
static int check_buffer_count;

/* The printf that is there: without a word to the contrary, mingw-w64 compares formats with Microsoft's. */
#if defined(__MINGW_PRINTF_FORMAT)
#define CHECK_PRINTF __MINGW_PRINTF_FORMAT
#else
#define CHECK_PRINTF printf
#endif

/* Counts a failure and prints it; the tenth ends the program. */
__attribute__((format(CHECK_PRINTF, 1, 2))) static inline void check_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
  if (++check_failures >= CHECK_MAX_FAILURES) {
    printf("%d failures, the rest is left out\n", check_failures);
    exit(1);
  }
}

/* For the end of main: prints how much was compared. A test that compared nothing has failed. */
static inline int check_result(const char *what) {
  printf("%s: %ld cases, %d failures\n", what, check_cases, check_failures);
  return check_failures == 0 && check_cases > 0 ? 0 : 1;
}

static inline void *check_map(size_t bytes, int at_end) {
  const size_t page = page_bytes();
  const size_t inner = (bytes + page - 1) / page * page + (bytes == 0 ? page : 0);
  char *map = forbidden_pages(inner + 2 * page);
  if (map == NULL || !open_pages(map + page, inner) || check_buffer_count == CHECK_MAX_BUFFERS) {
    printf("cannot map %zu bytes between forbidden pages\n", bytes);
    exit(1);
  }
  check_buffers[check_buffer_count].map = map;
  check_buffers[check_buffer_count++].bytes = inner + 2 * page;
  /* What a kernel leaves untouched is seen: not zero. */
  memset(map + page, 0xa5, inner);
  return at_end ? map + page + inner - bytes : map + page;
}

/* Memory whose last byte is followed by a forbidden page; the address has the alignment that is left. */
static inline void *guarded_end(size_t bytes) {
  return check_map(bytes, 1);
}

/* Memory whose first byte comes after a forbidden page. */
static inline void *guarded_start(size_t bytes) {
  return check_map(bytes, 0);
}

/* Memory at so many bytes from a multiple of 64, as close to a forbidden page behind it as that allows. */
static inline void *guarded_offset(size_t bytes, size_t offset) {
  return guarded_end(bytes + (64 - (bytes + offset) % 64) % 64);
}

/* Frees all guarded memory, between two cases. */
static inline void guarded_free(void) {
  while (check_buffer_count > 0) {
    check_buffer_count--;
    free_pages(check_buffers[check_buffer_count].map, check_buffers[check_buffer_count].bytes);
  }
}

/* splitmix64 (Steele, Lea, Flood 2014): the state is the seed. */
static inline uint64_t random_bits(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* One in so many cases is run: OCTET_TEST_SHARE, where emulation would take long; else 1, and all are. */
static inline int32_t check_share(void) {
  const char *asked = getenv("OCTET_TEST_SHARE");
  const int32_t share = asked == NULL ? 1 : atoi(asked);
  if (share < 1) {
    printf("OCTET_TEST_SHARE: expected a number from 1, got \"%s\"\n", asked);
    exit(1);
  }
  return share;
}

/* How many of some random cases to run, at least one. */
static inline int32_t share_of(int32_t cases) {
  return 1 + (cases - 1) / check_share();
}

/* Whether to run a case of those that are counted off: a draw by its seed. */
static inline int is_in_share(uint64_t seed) {
  return random_bits(&seed) % (uint64_t)check_share() == 0;
}

/* Between two numbers, both possible. */
static inline int32_t random_between(uint64_t *state, int32_t low, int32_t high) {
  return low + (int32_t)(random_bits(state) % (uint64_t)((int64_t)high - low + 1));
}

/* Between two reals. */
static inline float random_real(uint64_t *state, float low, float high) {
  return low + (high - low) * ((float)(random_bits(state) >> 40) / 16777216.0f);
}

/* The seed of a test that is another one in each process, unless its first argument is one; prints it. */
static inline uint64_t seed_of_process(int argc, char **argv) {
  const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : process_number() * 7919;
  printf("seed %llu\n", (unsigned long long)seed);
  return seed;
}

static inline void random_bytes(uint64_t *state, void *to, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    ((unsigned char *)to)[i] = (unsigned char)random_bits(state);
  }
}

enum { LAST_TIER = OCTET_ISA_I8MM };

/* Whether kernels of a tier run here. */
static inline int tier_runs_here(int32_t tier) {
  return octet_cpu_supports(tier);
}

static inline const char *tier_name(int32_t tier) {
  static const char *const names[] = {"baseline",   "avx2", "avxvnni", "avx512",
                                      "avx512vnni", "neon", "dotprod", "i8mm"};
  return names[tier];
}

#endif
