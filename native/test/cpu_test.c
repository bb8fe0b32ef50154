/* The decision about tiers, on CPUs and systems that are not here. Bits of x86 are numbered as in Intel's
   manual, those of Arm as in asm/hwcap.h of Linux. */
#include "cpu.h"

#include <stdio.h>
#include <string.h>

#include "cpu_arm.h"

#include "octet.h"

#define BIT(n) (1u << (n))
#define AVX_FMA (BIT(12) | BIT(27) | BIT(28))
#define AVX2 BIT(5)
#define AVX512 (BIT(5) | BIT(16) | BIT(17) | BIT(30) | BIT(31))
#define AVX512VNNI BIT(11)
#define AVXVNNI BIT(4)

enum { STATE_SSE = 0x3, STATE_AVX = 0x7, STATE_AVX512 = 0xe7 };

/* CPUs by the bits that count here, with a system that enables all they have. */
static const struct cpu_words NEHALEM = {.xcr0 = STATE_SSE};
static const struct cpu_words SANDY_BRIDGE = {.leaf1_ecx = BIT(27) | BIT(28), .xcr0 = STATE_AVX};
static const struct cpu_words HASWELL = {.leaf1_ecx = AVX_FMA, .leaf7_ebx = AVX2, .xcr0 = STATE_AVX};
static const struct cpu_words ALDER_LAKE = {
    .leaf1_ecx = AVX_FMA, .leaf7_ebx = AVX2, .leaf7_1_eax = AVXVNNI, .xcr0 = STATE_AVX};
static const struct cpu_words SKYLAKE_X = {.leaf1_ecx = AVX_FMA, .leaf7_ebx = AVX512, .xcr0 = STATE_AVX512};
static const struct cpu_words CASCADE_LAKE = {
    .leaf1_ecx = AVX_FMA, .leaf7_ebx = AVX512, .leaf7_ecx = AVX512VNNI, .xcr0 = STATE_AVX512};
static const struct cpu_words SAPPHIRE_RAPIDS = {.leaf1_ecx = AVX_FMA,
                                                 .leaf7_ebx = AVX512,
                                                 .leaf7_ecx = AVX512VNNI,
                                                 .leaf7_1_eax = AVXVNNI,
                                                 .xcr0 = STATE_AVX512};

static int failures;

static void expect(const char *what, struct cpu_words words, int32_t usable, int32_t hardware) {
  const int32_t got_usable = cpu_tier(&words);
  const int32_t got_hardware = cpu_tier_of_hardware(&words);
  if (got_usable != usable || got_hardware != hardware) {
    printf("%s: expected tier %d of hardware %d, got %d of %d\n", what, usable, hardware, got_usable,
           got_hardware);
    failures++;
  }
}

static struct cpu_words with_state(struct cpu_words words, uint64_t xcr0) {
  words.xcr0 = xcr0;
  return words;
}

static struct cpu_words without_ebx(struct cpu_words words, int bit) {
  words.leaf7_ebx &= ~BIT(bit);
  return words;
}

static struct cpu_words without_leaf1(struct cpu_words words, int bit) {
  words.leaf1_ecx &= ~BIT(bit);
  return words;
}

static void cpus(void) {
  expect("no AVX", NEHALEM, OCTET_ISA_BASELINE, OCTET_ISA_BASELINE);
  expect("AVX alone", SANDY_BRIDGE, OCTET_ISA_BASELINE, OCTET_ISA_BASELINE);
  expect("AVX2", HASWELL, OCTET_ISA_AVX2, OCTET_ISA_AVX2);
  expect("AVX-VNNI", ALDER_LAKE, OCTET_ISA_AVXVNNI, OCTET_ISA_AVXVNNI);
  expect("AVX-512", SKYLAKE_X, OCTET_ISA_AVX512, OCTET_ISA_AVX512);
  expect("AVX512-VNNI", CASCADE_LAKE, OCTET_ISA_AVX512VNNI, OCTET_ISA_AVX512VNNI);
  expect("both VNNI", SAPPHIRE_RAPIDS, OCTET_ISA_AVX512VNNI, OCTET_ISA_AVX512VNNI);
}

static void incomplete_cpus(void) {
  expect("AVX2 without FMA", without_leaf1(HASWELL, 12), OCTET_ISA_BASELINE, OCTET_ISA_BASELINE);
  expect("AVX2 without AVX", without_leaf1(HASWELL, 28), OCTET_ISA_BASELINE, OCTET_ISA_BASELINE);
  expect("AVX-512 without AVX2", without_ebx(CASCADE_LAKE, 5), OCTET_ISA_BASELINE, OCTET_ISA_BASELINE);
  expect("AVX-512 without F", without_ebx(CASCADE_LAKE, 16), OCTET_ISA_AVX2, OCTET_ISA_AVX2);
  expect("AVX-512 without DQ", without_ebx(CASCADE_LAKE, 17), OCTET_ISA_AVX2, OCTET_ISA_AVX2);
  expect("AVX-512 without BW", without_ebx(CASCADE_LAKE, 30), OCTET_ISA_AVX2, OCTET_ISA_AVX2);
  expect("AVX-512 without VL", without_ebx(SAPPHIRE_RAPIDS, 31), OCTET_ISA_AVXVNNI, OCTET_ISA_AVXVNNI);
}

static void systems_that_enable_less(void) {
  expect("no XSAVE", with_state(CASCADE_LAKE, 0), OCTET_ISA_BASELINE, OCTET_ISA_AVX512VNNI);
  expect("SSE state only", with_state(HASWELL, STATE_SSE), OCTET_ISA_BASELINE, OCTET_ISA_AVX2);
  expect("AVX state without SSE state", with_state(HASWELL, 0x5), OCTET_ISA_BASELINE, OCTET_ISA_AVX2);
  expect("AVX state, CPU with AVX-512", with_state(CASCADE_LAKE, STATE_AVX), OCTET_ISA_AVX2,
         OCTET_ISA_AVX512VNNI);
  expect("AVX state, CPU with both VNNI", with_state(SAPPHIRE_RAPIDS, STATE_AVX), OCTET_ISA_AVXVNNI,
         OCTET_ISA_AVX512VNNI);
  for (int bit = 5; bit <= 7; bit++) {
    expect("one part of the AVX-512 state missing", with_state(SKYLAKE_X, STATE_AVX512 & ~(uint64_t)BIT(bit)),
           OCTET_ISA_AVX2, OCTET_ISA_AVX512);
  }
  expect("AVX-512 state without AVX state", with_state(SKYLAKE_X, 0xe3), OCTET_ISA_BASELINE,
         OCTET_ISA_AVX512);
  expect("states of other extensions", with_state(HASWELL, UINT64_C(0x60207)), OCTET_ISA_AVX2,
         OCTET_ISA_AVX2);
}

static void expect_amx(const char *what, uint32_t leaf7_edx, uint64_t xcr0, int32_t expected) {
  const struct cpu_words words = {.leaf7_edx = leaf7_edx, .xcr0 = xcr0};
  if (cpu_amx_int8(&words) != expected) {
    printf("%s: expected AMX %d, got %d\n", what, expected, cpu_amx_int8(&words));
    failures++;
  }
}

static void amx(void) {
  const uint32_t tile = BIT(24);
  const uint32_t int8 = BIT(25);
  const uint64_t state = BIT(17) | BIT(18);
  expect_amx("tiles with 8-bit products", tile | int8, state, 1);
  expect_amx("tiles without 8-bit products", tile, state, 0);
  expect_amx("8-bit products without tiles", int8, state, 0);
  expect_amx("state of tile data not enabled", tile | int8, BIT(17), 0);
  expect_amx("state of tile configuration not enabled", tile | int8, BIT(18), 0);
}

static void expect_supports(const char *what, struct cpu_words words, const int32_t (*expected)[5]) {
  for (int32_t tier = 0; tier < 5; tier++) {
    if (cpu_supports(&words, tier) != (*expected)[tier]) {
      printf("%s: expected support %d of tier %d, got %d\n", what, (*expected)[tier], tier,
             cpu_supports(&words, tier));
      failures++;
    }
  }
}

static void tiers_below(void) {
  expect_supports("AVX2", HASWELL, &(const int32_t[5]){1, 1, 0, 0, 0});
  expect_supports("AVX-VNNI", ALDER_LAKE, &(const int32_t[5]){1, 1, 1, 0, 0});
  expect_supports("AVX512-VNNI without AVX-VNNI", CASCADE_LAKE, &(const int32_t[5]){1, 1, 0, 1, 1});
  expect_supports("both VNNI", SAPPHIRE_RAPIDS, &(const int32_t[5]){1, 1, 1, 1, 1});
  expect_supports("AVX-VNNI, no AVX state", with_state(ALDER_LAKE, STATE_SSE),
                  &(const int32_t[5]){1, 0, 0, 0, 0});
  if (cpu_supports(&HASWELL, -1) || cpu_supports(&SAPPHIRE_RAPIDS, 5)) {
    printf("a tier that does not exist is supported\n");
    failures++;
  }
}

static void expect_vbmi(const char *what, struct cpu_words words, int32_t expected) {
  if (cpu_vbmi(&words) != expected) {
    printf("%s: expected VBMI %d, got %d\n", what, expected, cpu_vbmi(&words));
    failures++;
  }
}

static void vbmi(void) {
  struct cpu_words ice_lake = CASCADE_LAKE;
  ice_lake.leaf7_ecx |= BIT(1);
  expect_vbmi("AVX512-VNNI and VBMI", ice_lake, 1);
  expect_vbmi("AVX512-VNNI without VBMI", CASCADE_LAKE, 0);
  expect_vbmi("VBMI, AVX-512 state not enabled", with_state(ice_lake, STATE_AVX), 0);
  expect_vbmi("VBMI without AVX-512 DQ", without_ebx(ice_lake, 17), 0);
}

static void expect_arm(const char *what, uint64_t hwcap, uint64_t hwcap2, int32_t expected) {
  const struct cpu_arm_words words = {hwcap, hwcap2};
  if (cpu_arm_tier(words) != expected) {
    printf("%s: expected tier %d, got %d\n", what, expected, cpu_arm_tier(words));
    failures++;
  }
  for (int32_t tier = -1; tier <= OCTET_ISA_I8MM + 1; tier++) {
    const int32_t supported = tier == OCTET_ISA_BASELINE || (tier >= OCTET_ISA_NEON && tier <= expected);
    if (cpu_arm_supports(words, tier) != supported) {
      printf("%s: expected support %d of tier %d, got %d\n", what, supported, tier,
             cpu_arm_supports(words, tier));
      failures++;
    }
  }
}

static void arm(void) {
  const uint64_t dot_products = BIT(20);
  const uint64_t matrices = BIT(13);
  expect_arm("neither", 0, 0, OCTET_ISA_NEON);
  expect_arm("all but dot products and matrices", ~dot_products, ~matrices, OCTET_ISA_NEON);
  expect_arm("dot products", dot_products, 0, OCTET_ISA_DOTPROD);
  expect_arm("dot products, all but matrices", dot_products, ~matrices, OCTET_ISA_DOTPROD);
  expect_arm("dot products and matrices", dot_products, matrices, OCTET_ISA_I8MM);
  expect_arm("matrices without dot products", 0, matrices, OCTET_ISA_NEON);
}

static void expect_vector(const char *what, const uint64_t *vector, int64_t pairs, uint64_t hwcap,
                          uint64_t hwcap2) {
  const struct cpu_arm_words got = cpu_arm_words_of(vector, pairs);
  if (got.hwcap != hwcap || got.hwcap2 != hwcap2) {
    printf("%s: expected words %llx and %llx, got %llx and %llx\n", what, (unsigned long long)hwcap,
           (unsigned long long)hwcap2, (unsigned long long)got.hwcap, (unsigned long long)got.hwcap2);
    failures++;
  }
}

static void auxiliary_vectors(void) {
  const uint64_t both[] = {6, 4096, 16, 0x1234, 9, 0x5678, 26, 0x9abc, 0, 0, 16, 0xdead};
  expect_vector("both words", both, 6, 0x1234, 0x9abc);
  expect_vector("cut off before the second", both, 3, 0x1234, 0);
  expect_vector("nothing", both, 0, 0, 0);
}

/* sysctlbyname of macOS on Macs that are not here: features of 4 bytes, or of 8. */
static const char *mac_knows[2];
static int32_t mac_values[2];
static size_t mac_bytes;

static int mac(const char *name, void *value, size_t *bytes, void *set, size_t set_bytes) {
  if (set != NULL || set_bytes != 0) {
    printf("sysctlbyname: asked to set %s\n", name);
    failures++;
  }
  for (int i = 0; i < 2; i++) {
    if (strcmp(mac_knows[i], name) == 0 && *bytes >= mac_bytes) {
      const int64_t wide = mac_values[i];
      memcpy(value, mac_bytes == 4 ? (const void *)&mac_values[i] : &wide, mac_bytes);
      *bytes = mac_bytes;
      return 0;
    }
  }
  /* Whatever stands there then is no answer. */
  memset(value, 1, *bytes);
  return -1;
}

static void expect_mac(const char *what, int32_t dot_products, int32_t matrices, int32_t expected) {
  mac_knows[0] = dot_products < 0 ? "hw.optional.AdvSIMD" : "hw.optional.arm.FEAT_DotProd";
  mac_values[0] = dot_products;
  mac_knows[1] = matrices < 0 ? "hw.optional.arm.FEAT_BF16" : "hw.optional.arm.FEAT_I8MM";
  mac_values[1] = matrices;
  for (mac_bytes = 4; mac_bytes <= 8; mac_bytes += 4) {
    const int32_t got = cpu_arm_tier(cpu_arm_words_of_sysctl(mac));
    if (got != expected) {
      printf("%s, in %d bytes: expected tier %d, got %d\n", what, (int)mac_bytes, expected, got);
      failures++;
    }
  }
}

static void macs(void) {
  expect_mac("M2", 1, 1, OCTET_ISA_I8MM);
  expect_mac("M1", 1, 0, OCTET_ISA_DOTPROD);
  expect_mac("one that does not know matrices", 1, -1, OCTET_ISA_DOTPROD);
  expect_mac("neither", 0, 0, OCTET_ISA_NEON);
  expect_mac("matrices without dot products", 0, 1, OCTET_ISA_NEON);
  expect_mac("macOS 11, which knows neither name", -1, -1, OCTET_ISA_NEON);
}

#if defined(__aarch64__)

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends with the kernels of a tier, 0 where the product was right. */
static int multiply_on(int32_t tier) {
  static const uint8_t src[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  static const int8_t weights[8] = {1, -1, 1, -1, 1, -1, 1, -2};
  int8_t packed[16 * 8];
  int32_t column_sums[1];
  int32_t sum[1] = {0};
  const int32_t layout = octet_matmul_layout(tier);
  octet_matmul_pack(layout, weights, OCTET_S8, 0, 1, 8, 0, 1, packed, column_sums);
  const struct octet_matmul product = {
      .weights = packed, .kernel = octet_matmul_kernel(tier, OCTET_U8, OCTET_S32), .k = 8, .n = 1};
  octet_matmul_run(&product, src, 8, NULL, NULL, sum, 1, 1, 0, 1, NULL);
  return sum[0] == 1 - 2 + 3 - 4 + 5 - 6 + 7 - 16 ? 0 : 1;
}

/* An emulated CPU runs kernels of its own tiers, and those of others end in SIGILL: it does lack what it says
   that it lacks, so a kernel of a lower tier with an instruction too many would be seen. CPUs of silicon may
   run more than the system shows. */
static void kernels_beyond(void) {
  if (getenv("QEMU_CPU") == NULL) {
    return;
  }
  for (int32_t tier = OCTET_ISA_NEON; tier <= OCTET_ISA_I8MM; tier++) {
    const pid_t child = fork();
    if (child == 0) {
      _exit(multiply_on(tier));
    }
    int status = 0;
    waitpid(child, &status, 0);
    const int right = octet_cpu_supports(tier) ? WIFEXITED(status) && WEXITSTATUS(status) == 0
                                               : WIFSIGNALED(status) && WTERMSIG(status) == SIGILL;
    if (!right) {
      printf("tier %d, %s here: a product ended with status %d\n", tier,
             octet_cpu_supports(tier) ? "supported" : "not supported", status);
      failures++;
    }
  }
}

#else

static void kernels_beyond(void) {
}

#endif

int main(void) {
  kernels_beyond();
  arm();
  auxiliary_vectors();
  macs();
  cpus();
  incomplete_cpus();
  amx();
  vbmi();
  tiers_below();
  systems_that_enable_less();
  return failures == 0 ? 0 : 1;
}
