/* Images of bytes with a border of one value. */
#include "copy.h"
#include "kernels.h"

static void fill(char *to, char value, int64_t count) {
  char some[16];
  for (int i = 0; i < 16; i++) {
    some[i] = value;
  }
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __builtin_memcpy(to + i, some, 16);
  }
  copy_few(some, to + i, count - i);
}

void octet_pad_run(const struct octet_pad *plan, const void *src, void *dst, int32_t height, int32_t width,
                   int32_t channels, int64_t first_line, int64_t lines) {
  if (!OCTET_IS_KERNEL(copy_kernel, plan->kernel)) {
    return;
  }
  copy_kernel *copy = OCTET_KERNEL(copy_kernel, plan->kernel);
  const char value = (char)plan->value;
  const int64_t out_height = (int64_t)plan->top + height + plan->bottom;
  const int64_t left = (int64_t)plan->left * channels;
  const int64_t line_bytes = (int64_t)width * channels;
  const int64_t right = (int64_t)plan->right * channels;
  char *to = (char *)dst + first_line * (left + line_bytes + right);
  for (int64_t line = first_line; line < first_line + lines; line++) {
    const int64_t row = line % out_height - plan->top;
    if (row < 0 || row >= height) {
      fill(to, value, left + line_bytes + right);
    } else {
      const char *from = (const char *)src + (line / out_height * height + row) * line_bytes;
      fill(to, value, left);
      copy(from, line_bytes, to + left, line_bytes, 1, line_bytes);
      fill(to + left + line_bytes, value, right);
    }
    to += left + line_bytes + right;
  }
}
