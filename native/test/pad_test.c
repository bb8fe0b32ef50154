/* Padded images on every tier, byte by byte, on memory that ends or begins at a forbidden page. */
#include "check.h"

static const uint64_t SEED = UINT64_C(20261128);
static uint64_t state;

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static void pad_on(int32_t tier, struct octet_pad plan, const uint8_t *src, int32_t batch, int32_t height,
                   int32_t width, int32_t channels) {
  plan.kernel = octet_copy_kernel(tier);
  const int64_t out_height = plan.top + height + plan.bottom;
  const int64_t out_width = plan.left + width + plan.right;
  const int64_t lines = batch * out_height;
  uint8_t *dst = guarded((size_t)(lines * out_width * channels));
  const int32_t cut = random_between(&state, 0, (int32_t)lines);
  octet_pad_run(&plan, src, dst, height, width, channels, 0, cut);
  octet_pad_run(&plan, src, dst, height, width, channels, cut, lines - cut);
  for (int64_t i = 0; i < lines * out_width * channels; i++) {
    const int64_t row = i / channels / out_width % out_height - plan.top;
    const int64_t column = i / channels % out_width - plan.left;
    const int64_t image = i / channels / out_width / out_height;
    const int inside = row >= 0 && row < height && column >= 0 && column < width;
    const uint8_t expected = inside ? src[((image * height + row) * width + column) * channels + i % channels]
                                    : (uint8_t)plan.value;
    if (dst[i] != expected) {
      check_fail(
          "%s, %d images of %d x %d x %d, padding %d %d %d %d by %d: row %lld, column %lld of image %lld: "
          "expected %d, got %d",
          octet_kernel_name(plan.kernel), batch, height, width, channels, plan.top, plan.left, plan.bottom,
          plan.right, plan.value, (long long)row, (long long)column, (long long)image, expected, dst[i]);
      return;
    }
  }
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  for (int round = 0; round < share_of(2000); round++) {
    const int32_t batch = random_between(&state, 1, 3);
    const int32_t height = random_between(&state, 1, 8);
    const int32_t width = random_between(&state, 1, 8);
    const int32_t channels = random_between(&state, 1, round % 2 ? 20 : 100);
    const struct octet_pad plan = {.top = random_between(&state, 0, 3),
                                   .left = random_between(&state, 0, 3),
                                   .bottom = random_between(&state, 0, 3),
                                   .right = random_between(&state, 0, 3),
                                   .value = random_between(&state, -128, 255)};
    const size_t size = (size_t)batch * (size_t)height * (size_t)width * (size_t)channels;
    uint8_t *src = guarded(size);
    random_bytes(&state, src, size);
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        pad_on(tier, plan, src, batch, height, width, channels);
      }
    }
    guarded_free();
  }
  return check_result("pad");
}
