/* Two threads share one plan, its tables, packed weights and operands, and divide the output: what a team of
   workers does with each op, and packing. The output is that of one thread. Under ThreadSanitizer
   (ci/sanitize), which sees every access but those by masks, it is also shown that no call writes to what
   the other one reads or writes. */
#include <math.h>
#include <pthread.h>

#include "check.h"

enum {
  ROWS = 12,
  K = 100,
  N = 160,
  /* Of columns, a multiple of every panel; of rows; of elements, even. */
  COLUMN_CUT = 64,
  ROW_CUT = 5,
  COUNT = 9000,
  COUNT_CUT = 4096,
  GROUP = 32,
  GROUPS = (K + GROUP - 1) / GROUP,
  OUT_BYTES = 64 * 1024,
  SCRATCH_BYTES = 256 * 1024,
  ROUNDS = 20
};

/* What both threads read. */
static struct {
  int32_t tier;
  uint8_t bytes[COUNT];
  uint8_t other_bytes[COUNT];
  int32_t integers[COUNT];
  float reals[COUNT];
  uint8_t weights[K * N];
  int32_t sums[N];
  int32_t factors[N];
  float multipliers[N];
  float scales[COUNT];
  float reciprocals[COUNT];
  int32_t zero_points[COUNT];
  float row_scales[ROWS];
  int32_t row_zero_points[ROWS];
  float range[2];
  uint8_t table[256];
  char packed[K * 192];
  char packed_groups[K * 192 + GROUPS * 192 * 4];
  _Alignas(64) char packed_lines[3 * 3 * 12 * 192];
  _Alignas(64) char packed_windows[3 * 3 * 12 * 192];
  _Alignas(64) char packed_channels[16 * 1024];
  struct octet_matmul matmul;
  struct octet_epilogue epilogue;
  struct octet_batch_matmul batch;
  struct octet_batch_matmul_call call;
  struct octet_group_matmul dynamic_groups;
  struct octet_group_matmul weight_only;
  struct octet_dynamic_matmul dynamic;
  struct octet_quantize quantize;
  struct octet_quantize quantize_channels;
  struct octet_quantize quantize_nibbles;
  struct octet_quantize dequantize;
  struct octet_requantize requantize;
  struct octet_binary binary;
  struct octet_pool pool;
  struct octet_resize resize;
  _Alignas(64) char resize_table[16 * 1024];
  struct octet_conv2d lines;
  struct octet_conv2d windows;
  struct octet_conv2d channels;
  int32_t range_kernel;
  int32_t quantize_kernel;
  int32_t lookup_kernel;
} shared;

static _Alignas(64) char scratches[2][SCRATCH_BYTES];
static char expected[OUT_BYTES];
static char out[OUT_BYTES];

static int32_t first_column(int part) {
  return part == 0 ? 0 : COLUMN_CUT;
}

static int32_t columns_of(int part) {
  return part == 0 ? COLUMN_CUT : N - COLUMN_CUT;
}

static int32_t first_row(int part) {
  return part == 0 ? 0 : ROW_CUT;
}

static int32_t rows_of(int part) {
  return part == 0 ? ROW_CUT : ROWS - ROW_CUT;
}

static int64_t first_element(int part) {
  return part == 0 ? 0 : COUNT_CUT;
}

static int64_t elements_of(int part) {
  return part == 0 ? COUNT_CUT : COUNT - COUNT_CUT;
}

static void matmul_columns(int part, char *to) {
  octet_matmul_run(&shared.matmul, shared.bytes, K, shared.row_scales, shared.row_zero_points, to, N, ROWS,
                   first_column(part), columns_of(part), NULL);
}

static void matmul_rows(int part, char *to) {
  const int32_t row = first_row(part);
  octet_matmul_run(&shared.matmul, shared.bytes + row * K, K, shared.row_scales + row,
                   shared.row_zero_points + row, to + 4 * row * N, N, rows_of(part), 0, N, NULL);
}

static void epilogue(int part, char *to) {
  const int32_t row = first_row(part);
  octet_epilogue_run(&shared.epilogue, shared.integers + row * N, N, shared.row_scales + row,
                     shared.row_zero_points + row, NULL, to + row * N, N, rows_of(part), N);
}

static void batch_matmul(int part, char *to) {
  struct octet_batch_matmul_call call = shared.call;
  call.out = to;
  octet_batch_matmul_run(&shared.batch, &call, 0, 1, 0, ROWS, first_column(part), columns_of(part),
                         scratches[part]);
}

static void dynamic_group_matmul(int part, char *to) {
  octet_dynamic_group_matmul_run(&shared.dynamic_groups, shared.reals, K, to, N, ROWS, first_column(part),
                                 columns_of(part), scratches[part]);
}

static void weight_only_matmul(int part, char *to) {
  octet_weight_only_matmul_run(&shared.weight_only, shared.reals, K, to, N, ROWS, first_column(part),
                               columns_of(part));
}

static void weight_only_row(int part, char *to) {
  octet_weight_only_matmul_run(&shared.weight_only, shared.reals, K, to, N, 1, first_column(part),
                               columns_of(part));
}

static void dynamic_matmul(int part, char *to) {
  const int32_t row = first_row(part);
  octet_dynamic_matmul_run(&shared.dynamic, shared.reals + row * K, K, to + 4 * row * N, N, rows_of(part), 0,
                           N, scratches[part]);
}

static void quantize(int part, char *to) {
  const int64_t first = first_element(part);
  octet_quantize_run(&shared.quantize, shared.reals + first, to + first, COUNT, 1, first, elements_of(part));
}

static void quantize_channels(int part, char *to) {
  const int64_t first = first_element(part);
  octet_quantize_run(&shared.quantize_channels, shared.reals + first, to + first, COUNT, 1, first,
                     elements_of(part));
}

static void quantize_nibbles(int part, char *to) {
  const int64_t first = first_element(part);
  octet_quantize_run(&shared.quantize_nibbles, shared.reals + first, to + first / 2, COUNT, 1, first,
                     elements_of(part));
}

static void dequantize(int part, char *to) {
  const int64_t first = first_element(part);
  octet_dequantize_run(&shared.dequantize, shared.bytes + first, to + 4 * first, COUNT, 1, first,
                       elements_of(part));
}

static void range(int part, char *to) {
  const int64_t first = first_element(part);
  octet_range_run(shared.range_kernel, shared.reals + first, elements_of(part),
                  (float *)(void *)to + 2 * part);
}

static void range_quantize(int part, char *to) {
  const int64_t first = first_element(part);
  char *parameters = to + COUNT;
  octet_range_quantize_run(shared.quantize_kernel, shared.range, shared.reals + first, to + first,
                           elements_of(part), part == 0 ? parameters : NULL,
                           part == 0 ? parameters + 4 : NULL);
}

static void dynamic_quantize(int part, char *to) {
  const int32_t row = first_row(part);
  char *parameters = to + ROWS * K;
  octet_dynamic_quantize_run(shared.range_kernel, shared.quantize_kernel, shared.reals + row * K,
                             to + row * K, parameters + 4 * row, parameters + 4 * (ROWS + row), rows_of(part),
                             K);
}

static void requantize(int part, char *to) {
  const int64_t first = first_element(part);
  octet_requantize_run(&shared.requantize, shared.integers + first, to + first, first, elements_of(part));
}

static void binary(int part, char *to) {
  const int64_t first = first_element(part);
  octet_binary_run(&shared.binary, shared.bytes + first, 0, 1, shared.other_bytes + first, 0, 1, to + first,
                   1, elements_of(part));
}

static void lookup(int part, char *to) {
  const int64_t first = first_element(part);
  octet_lookup_run(shared.lookup_kernel, shared.table, shared.bytes + first, to + first, elements_of(part));
}

/* Images of 7 x 9 pixels; windows of 3 x 3 with a border of 1. */
enum { HEIGHT = 7, WIDTH = 9, CHANNELS = 12, OUT_CHANNELS = 80, LINE_CUT = 3 };

/* Two images; the cut is in the first one. */
static void pool(int part, char *to) {
  octet_pool_run(&shared.pool, shared.bytes, to, HEIGHT, WIDTH, 70, HEIGHT, WIDTH, part == 0 ? 0 : LINE_CUT,
                 part == 0 ? LINE_CUT : 2 * HEIGHT - LINE_CUT);
}

/* To 11 x 13 pixels. */
static void resize(int part, char *to) {
  octet_resize_run(&shared.resize, shared.resize_table, shared.bytes, to, HEIGHT, WIDTH, CHANNELS, HEIGHT + 4,
                   WIDTH + 4, part == 0 ? 0 : LINE_CUT, part == 0 ? LINE_CUT : 2 * (HEIGHT + 4) - LINE_CUT);
}

static void convolve_lines_of(const struct octet_conv2d *plan, int32_t out_height, int32_t out_width,
                              int part, char *to) {
  const int32_t first = part == 0 ? 0 : LINE_CUT;
  octet_conv2d_run(plan, shared.bytes, to, HEIGHT, WIDTH, out_width, first,
                   part == 0 ? LINE_CUT : out_height - LINE_CUT, 0, octet_conv2d_panels(plan),
                   scratches[part]);
}

static void convolve_lines(int part, char *to) {
  convolve_lines_of(&shared.lines, HEIGHT, WIDTH, part, to);
}

static void convolve_panels(int part, char *to) {
  octet_conv2d_run(&shared.lines, shared.bytes, to, HEIGHT, WIDTH, WIDTH, 0, HEIGHT, part, 1,
                   scratches[part]);
}

static void convolve_windows(int part, char *to) {
  convolve_lines_of(&shared.windows, HEIGHT - 2, WIDTH - 2, part, to);
}

static void convolve_channels(int part, char *to) {
  convolve_lines_of(&shared.channels, HEIGHT, WIDTH, part, to);
}

static void pack(int part, char *to) {
  octet_matmul_pack(octet_matmul_layout(shared.tier), shared.weights, OCTET_S8, 0, N, K, first_column(part),
                    columns_of(part), to, (int32_t *)(void *)(to + sizeof shared.packed));
}

static void pack_groups(int part, char *to) {
  octet_group_matmul_pack(&shared.weight_only, shared.weights, 0, shared.scales, NULL, N, 1,
                          first_column(part), columns_of(part), to);
}

/* dilation: 1 or 2; every window has a border of 1. */
static struct octet_conv2d conv2d_plan(int32_t tier, int32_t groups, int32_t out_channels, int32_t dilation) {
  struct octet_conv2d plan = {.offsets = shared.sums,
                              .multipliers = shared.multipliers,
                              .kernel = octet_conv2d_kernel(tier, OCTET_U8, OCTET_S8),
                              .in_channels = groups == 1 ? CHANNELS : 1,
                              .out_channels = out_channels,
                              .groups = groups,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .stride_height = 1,
                              .stride_width = 1,
                              .dilation_height = dilation,
                              .dilation_width = dilation,
                              .pad_top = 1,
                              .pad_left = 1,
                              .input_zero_point = 3,
                              .low = -128,
                              .high = 127};
  plan.form = octet_conv2d_form(&plan);
  return plan;
}

static void pack_conv2d(struct octet_conv2d *plan, int32_t tier, char *packed, size_t bytes) {
  static int32_t sums[3 * OUT_CHANNELS];
  if ((size_t)octet_conv2d_packed_bytes(plan, tier) > bytes ||
      octet_conv2d_scratch_bytes(plan) > (int64_t)SCRATCH_BYTES) {
    check_fail("packed weights of form %d need %lld bytes", plan->form,
               (long long)octet_conv2d_packed_bytes(plan, tier));
    exit(1);
  }
  octet_conv2d_pack(plan, tier, shared.weights, OCTET_S8, OCTET_OIHW, packed, sums);
  plan->weights = packed;
}

static void make_conv2d_plans(int32_t tier) {
  shared.lines = conv2d_plan(tier, 1, OUT_CHANNELS, 1);
  shared.windows = conv2d_plan(tier, 1, OUT_CHANNELS, 2);
  shared.channels = conv2d_plan(tier, CHANNELS, 1, 1);
  if (shared.lines.form != OCTET_CONV2D_LINES || shared.windows.form != OCTET_CONV2D_GATHERED ||
      shared.channels.form != OCTET_CONV2D_DEPTHWISE) {
    check_fail("forms %d %d %d", shared.lines.form, shared.windows.form, shared.channels.form);
  }
  pack_conv2d(&shared.lines, tier, shared.packed_lines, sizeof shared.packed_lines);
  pack_conv2d(&shared.windows, tier, shared.packed_windows, sizeof shared.packed_windows);
  pack_conv2d(&shared.channels, tier, shared.packed_channels, sizeof shared.packed_channels);
}

static void make_plans(int32_t tier) {
  shared.tier = tier;
  make_conv2d_plans(tier);
  shared.matmul = (struct octet_matmul){.weights = shared.packed,
                                        .offsets = shared.sums,
                                        .zero_point_factors = shared.factors,
                                        .weight_zero_points = shared.zero_points,
                                        .multipliers = shared.multipliers,
                                        .bias = shared.scales,
                                        .kernel = octet_matmul_kernel(tier, OCTET_U8, OCTET_F32),
                                        .k = K,
                                        .n = N,
                                        .low = -INFINITY,
                                        .high = INFINITY};
  shared.epilogue = (struct octet_epilogue){.zero_point_factors = shared.factors,
                                            .multipliers = shared.multipliers,
                                            .kernel = octet_epilogue_kernel(tier, OCTET_S8),
                                            .low = -128,
                                            .high = 127};
  shared.batch =
      (struct octet_batch_matmul){.kernel = octet_matmul_kernel(tier, OCTET_U8, OCTET_F32),
                                  .attention_kernel = octet_attention_kernel(tier, OCTET_U8, OCTET_F32),
                                  .tables_kernel = octet_batch_matmul_tables_kernel(tier),
                                  .packed_layout = octet_matmul_layout(tier),
                                  .left_type = OCTET_U8,
                                  .right_type = OCTET_S8,
                                  .output_type = OCTET_F32,
                                  .left_zero_point = 7,
                                  .left_scale = 0.5f,
                                  .right_scale = 0.25f,
                                  .output_scale = 1,
                                  .low = -INFINITY,
                                  .high = INFINITY};
  shared.call = (struct octet_batch_matmul_call){.left = shared.bytes,
                                                 .right = shared.weights,
                                                 .left_row = K,
                                                 .right_row = N,
                                                 .out_row = N,
                                                 .m = ROWS,
                                                 .k = K,
                                                 .n = N};
  shared.weight_only = (struct octet_group_matmul){.weights = shared.packed_groups,
                                                   .bias = shared.multipliers,
                                                   .kernel = octet_weight_only_matmul_kernel(tier, OCTET_S8),
                                                   .packed_layout = octet_group_matmul_layout(tier),
                                                   .type = OCTET_S8,
                                                   .k = K,
                                                   .n = N,
                                                   .group = GROUP,
                                                   .scale_type = OCTET_SCALES_F32,
                                                   .low = -INFINITY,
                                                   .high = INFINITY};
  shared.dynamic_groups = shared.weight_only;
  shared.dynamic_groups.kernel = octet_dynamic_group_matmul_kernel(tier, OCTET_S8);
  shared.range_kernel = octet_range_kernel(tier);
  shared.quantize_kernel = octet_quantize_kernel(tier, OCTET_U8, 0);
  shared.lookup_kernel = octet_lookup_kernel(tier);
  shared.dynamic = (struct octet_dynamic_matmul){.product = shared.matmul,
                                                 .kernel_of_range = shared.range_kernel,
                                                 .kernel_of_quantize = shared.quantize_kernel};
  shared.quantize = (struct octet_quantize){.scales = shared.scales,
                                            .reciprocals = shared.reciprocals,
                                            .zero_points = shared.zero_points,
                                            .period = COUNT,
                                            .granularity = OCTET_PER_TENSOR,
                                            .type = OCTET_U8,
                                            .kernel = shared.quantize_kernel,
                                            .element_kernel = octet_quantize_kernel(tier, OCTET_U8, 1)};
  shared.quantize_channels = shared.quantize;
  shared.quantize_channels.granularity = OCTET_PER_CHANNEL;
  shared.quantize_nibbles = shared.quantize_channels;
  shared.quantize_nibbles.type = OCTET_S4;
  shared.quantize_nibbles.element_kernel = octet_quantize_kernel(tier, OCTET_S4, 1);
  shared.dequantize = shared.quantize_channels;
  shared.dequantize.kernel = octet_dequantize_kernel(tier, OCTET_U8, 0);
  shared.dequantize.element_kernel = octet_dequantize_kernel(tier, OCTET_U8, 1);
  shared.requantize = (struct octet_requantize){.multipliers = shared.scales,
                                                .bias = shared.integers,
                                                .period = 300,
                                                .kernel = octet_requantize_kernel(tier, OCTET_S8, 1),
                                                .low = -128,
                                                .high = 127};
  shared.binary = (struct octet_binary){.left_factor = 0.5f,
                                        .right_factor = 0.25f,
                                        .low = 0,
                                        .high = 255,
                                        .kernel = octet_binary_kernel(tier, OCTET_ADD, OCTET_U8)};
  shared.pool = (struct octet_pool){.kernel_height = 3,
                                    .kernel_width = 3,
                                    .stride_height = 1,
                                    .stride_width = 1,
                                    .dilation_height = 1,
                                    .dilation_width = 1,
                                    .pad_top = 1,
                                    .pad_left = 1,
                                    .kernel = octet_pool_kernel(tier, OCTET_AVERAGE_POOL, OCTET_U8),
                                    .input_scale = 1,
                                    .output_scale = 1,
                                    .high = 255};
  shared.resize = (struct octet_resize){.kernel = octet_resize_kernel(tier, OCTET_RESIZE_LINEAR, OCTET_U8)};
  const int64_t table_bytes = octet_resize_table_bytes(&shared.resize, CHANNELS, WIDTH + 4);
  if (table_bytes > (int64_t)sizeof shared.resize_table) {
    check_fail("the table of a resize needs %lld bytes", (long long)table_bytes);
    exit(1);
  }
  octet_resize_table(&shared.resize, HEIGHT, WIDTH, CHANNELS, HEIGHT + 4, WIDTH + 4, shared.resize_table);
}

static void fill(uint64_t state) {
  random_bytes(&state, shared.bytes, sizeof shared.bytes);
  random_bytes(&state, shared.other_bytes, sizeof shared.other_bytes);
  random_bytes(&state, shared.weights, sizeof shared.weights);
  random_bytes(&state, shared.table, sizeof shared.table);
  for (int32_t i = 0; i < COUNT; i++) {
    shared.integers[i] = random_between(&state, -100000, 100000);
    shared.reals[i] = random_real(&state, -8, 8);
    shared.scales[i] = random_real(&state, 0.01f, 0.1f);
  }
  for (int32_t i = 0; i < N; i++) {
    shared.factors[i] = random_between(&state, -100, 100);
    shared.multipliers[i] = random_real(&state, 0.001f, 0.01f);
  }
  for (int32_t i = 0; i < ROWS; i++) {
    shared.row_scales[i] = random_real(&state, 0.5f, 2);
    shared.row_zero_points[i] = random_between(&state, 0, 255);
  }
  shared.range[0] = -8;
  shared.range[1] = 8;
  octet_quantize_reciprocals(shared.scales, COUNT, shared.reciprocals);
}

/* As the plans of a tier need them. */
static void pack_for(int32_t tier) {
  octet_matmul_pack(octet_matmul_layout(tier), shared.weights, OCTET_S8, 0, N, K, 0, N, shared.packed,
                    shared.sums);
  if ((size_t)octet_group_matmul_packed_bytes(&shared.weight_only) > sizeof shared.packed_groups) {
    check_fail("packed weights in groups need %lld bytes",
               (long long)octet_group_matmul_packed_bytes(&shared.weight_only));
    exit(1);
  }
  octet_group_matmul_pack(&shared.weight_only, shared.weights, 0, shared.scales, NULL, N, 1, 0, N,
                          shared.packed_groups);
}

typedef void part_of_work(int part, char *to);

static const struct {
  const char *name;
  part_of_work *run;
} WORKS[] = {
    {"matmul by columns", matmul_columns},
    {"matmul by rows", matmul_rows},
    {"epilogue", epilogue},
    {"batch matmul", batch_matmul},
    {"dynamic group matmul", dynamic_group_matmul},
    {"weight-only matmul", weight_only_matmul},
    {"weight-only matmul, one row", weight_only_row},
    {"dynamic matmul", dynamic_matmul},
    {"quantize", quantize},
    {"quantize per channel", quantize_channels},
    {"quantize to 4 bits", quantize_nibbles},
    {"dequantize", dequantize},
    {"range", range},
    {"range quantize", range_quantize},
    {"dynamic quantize", dynamic_quantize},
    {"requantize", requantize},
    {"binary", binary},
    {"lookup", lookup},
    {"pool", pool},
    {"resize", resize},
    {"convolution by lines", convolve_lines},
    {"convolution by panels", convolve_panels},
    {"convolution of gathered windows", convolve_windows},
    {"depthwise convolution", convolve_channels},
    {"pack", pack},
    {"pack groups", pack_groups},
};

enum { WORK_COUNT = sizeof WORKS / sizeof WORKS[0] };

static pthread_barrier_t barrier;

struct half {
  part_of_work *run;
  int part;
};

static void *work(void *half) {
  const struct half *h = half;
  for (int round = 0; round < ROUNDS; round++) {
    pthread_barrier_wait(&barrier);
    h->run(h->part, out);
  }
  return NULL;
}

static void by_two_threads(part_of_work *run) {
  pthread_t threads[2];
  struct half halves[2] = {{run, 0}, {run, 1}};
  for (int part = 0; part < 2; part++) {
    if (pthread_create(&threads[part], NULL, work, &halves[part]) != 0) {
      printf("cannot start a thread\n");
      exit(1);
    }
  }
  for (int part = 0; part < 2; part++) {
    pthread_join(threads[part], NULL);
  }
}

static void share_on(int32_t tier) {
  for (int i = 0; i < WORK_COUNT; i++) {
    memset(expected, 0xa5, sizeof expected);
    memset(out, 0xa5, sizeof out);
    WORKS[i].run(0, expected);
    WORKS[i].run(1, expected);
    by_two_threads(WORKS[i].run);
    check_cases++;
    size_t at = 0;
    while (at < sizeof out && out[at] == expected[at]) {
      at++;
    }
    if (at < sizeof out) {
      check_fail("%s, %s: byte %zu: one thread wrote %d, two wrote %d", tier_name(tier), WORKS[i].name, at,
                 expected[at], out[at]);
    }
  }
}

int main(void) {
  const uint64_t seed = 20261129;
  printf("seed %llu\n", (unsigned long long)seed);
  fill(seed);
  pthread_barrier_init(&barrier, NULL, 2);
  for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
    if (tier_runs_here(tier)) {
      make_plans(tier);
      pack_for(tier);
      share_on(tier);
    }
  }
  pthread_barrier_destroy(&barrier);
  return check_result("two threads and one plan");
}
