/* Numbers that are no kernel of the function they come to: -1, as octet_*_kernel returns it, the 0 of a plan
   that nobody filled, numbers beyond the list, and all kernels of other functions. Every run returns, and
   touches nothing: operands lie in a forbidden page. */
#include "check.h"
#include "tiers.h"

static void *forbidden;

static void matmul(int32_t kernel) {
  const struct octet_matmul plan = {
      .weights = forbidden, .multipliers = forbidden, .kernel = kernel, .k = 8, .n = 16};
  octet_matmul_run(&plan, forbidden, 8, NULL, NULL, forbidden, 16, 2, 0, 16, NULL);
}

static void epilogue(int32_t kernel) {
  const struct octet_epilogue plan = {.multipliers = forbidden, .kernel = kernel};
  octet_epilogue_run(&plan, forbidden, 16, NULL, NULL, NULL, forbidden, 16, 2, 16);
}

static void conv2d(int32_t kernel) {
  const struct octet_conv2d plan = {.weights = forbidden,
                                    .multipliers = forbidden,
                                    .kernel = kernel,
                                    .in_channels = 8,
                                    .out_channels = 16,
                                    .groups = 1,
                                    .kernel_height = 1,
                                    .kernel_width = 1,
                                    .stride_height = 1,
                                    .stride_width = 1,
                                    .dilation_height = 1,
                                    .dilation_width = 1};
  octet_conv2d_run(&plan, forbidden, forbidden, 2, 2, 2, 0, 2, 0, 1, forbidden);
  octet_conv2d_scaled_run(&plan, 1, 0, forbidden, forbidden, 2, 2, 2, 0, 2, 0, 1, forbidden);
}

static void batch_matmul_with(int32_t kernel, int32_t tables_kernel) {
  const struct octet_batch_matmul plan = {.kernel = kernel,
                                          .attention_kernel = -1,
                                          .tables_kernel = tables_kernel,
                                          .packed_layout = octet_matmul_layout(OCTET_ISA_BASELINE),
                                          .output_type = OCTET_S32};
  const struct octet_batch_matmul_call call = {.left = forbidden,
                                               .right = forbidden,
                                               .out = forbidden,
                                               .left_row = 8,
                                               .right_row = 16,
                                               .out_row = 16,
                                               .m = 2,
                                               .k = 8,
                                               .n = 16};
  octet_batch_matmul_run(&plan, &call, 0, 1, 0, 2, 0, 16, NULL);
}

static void batch_matmul(int32_t kernel) {
  batch_matmul_with(kernel, octet_batch_matmul_tables_kernel(OCTET_ISA_BASELINE));
}

static void batch_matmul_tables(int32_t kernel) {
  batch_matmul_with(octet_matmul_kernel(OCTET_ISA_BASELINE, OCTET_U8, OCTET_S32), kernel);
}

static struct octet_quantize quantize_plan(int32_t type, int32_t per_element, int32_t kernel) {
  /* The number that plays no part is that of a kernel. */
  const int32_t other = octet_quantize_kernel(OCTET_ISA_BASELINE, type, 0);
  const struct octet_quantize plan = {.scales = forbidden,
                                      .zero_points = forbidden,
                                      .period = 8,
                                      .granularity = per_element ? OCTET_PER_CHANNEL : OCTET_PER_TENSOR,
                                      .type = type,
                                      .kernel = per_element ? other : kernel,
                                      .element_kernel = per_element ? kernel : other};
  return plan;
}

static void quantize(int32_t kernel) {
  for (int32_t type = OCTET_U8; type <= OCTET_S4; type++) {
    for (int32_t per_element = 0; per_element < 2; per_element++) {
      const struct octet_quantize plan = quantize_plan(type, per_element, kernel);
      octet_quantize_run(&plan, forbidden, forbidden, 8, 1, 0, 16);
    }
  }
}

static void dequantize(int32_t kernel) {
  for (int32_t type = OCTET_U8; type <= OCTET_S4; type++) {
    for (int32_t per_element = 0; per_element < 2; per_element++) {
      const struct octet_quantize plan = quantize_plan(type, per_element, kernel);
      octet_dequantize_run(&plan, forbidden, forbidden, 8, 1, 0, 16);
    }
  }
}

static void range(int32_t kernel) {
  octet_range_run(kernel, forbidden, 16, forbidden);
}

static void range_quantize(int32_t kernel) {
  octet_range_quantize_run(kernel, forbidden, forbidden, forbidden, 16, forbidden, forbidden);
}

static void dynamic_quantize(int32_t kernel) {
  octet_dynamic_quantize_run(kernel, octet_quantize_kernel(OCTET_ISA_BASELINE, OCTET_U8, 0), forbidden,
                             forbidden, forbidden, forbidden, 2, 8);
}

/* The source is read for its range before the second number counts. */
static void dynamic_quantize_of_rows(int32_t kernel) {
  static const float rows[16];
  octet_dynamic_quantize_run(octet_range_kernel(OCTET_ISA_BASELINE), kernel, rows, forbidden, forbidden,
                             forbidden, 2, 8);
}

static void requantize(int32_t kernel) {
  for (int64_t period = 1; period <= 8; period += 7) {
    const struct octet_requantize plan = {
        .multipliers = forbidden, .bias = forbidden, .period = period, .kernel = kernel};
    octet_requantize_run(&plan, forbidden, forbidden, 0, 16);
  }
}

static void concat(int32_t kernel) {
  const struct octet_concat plan = {.table = forbidden, .kernel = kernel};
  octet_concat_run(&plan, forbidden, 16, forbidden, 16, 0, 1, 16);
}

static void pad(int32_t kernel) {
  const struct octet_pad plan = {.top = 1, .kernel = kernel};
  octet_pad_run(&plan, forbidden, forbidden, 2, 2, 16, 0, 3);
}

static void nearest_resize(int32_t kernel) {
  const struct octet_resize plan = {.mode = OCTET_RESIZE_FLOOR, .kernel = kernel};
  octet_resize_run(&plan, forbidden, forbidden, forbidden, 2, 2, 16, 2, 3, 0, 2);
}

static void linear_resize(int32_t kernel) {
  const struct octet_resize plan = {.mode = OCTET_RESIZE_LINEAR, .kernel = kernel};
  octet_resize_run(&plan, forbidden, forbidden, forbidden, 2, 2, 16, 2, 3, 0, 2);
}

static void transpose(int32_t kernel) {
  octet_transpose_run(kernel, forbidden, 16, forbidden, 2, 2, 16);
}

static void pool(int32_t kernel) {
  const struct octet_pool plan = {.kernel = kernel};
  octet_pool_run(&plan, forbidden, forbidden, 2, 2, 16, 1, 1, 0, 1);
}

static void binary(int32_t kernel) {
  const struct octet_binary plan = {.kernel = kernel};
  octet_binary_run(&plan, forbidden, 0, 1, forbidden, 0, 1, forbidden, 1, 16);
}

static void lookup(int32_t kernel) {
  octet_lookup_run(kernel, forbidden, forbidden, forbidden, 16);
}

static struct octet_group_matmul group_plan(int32_t kernel) {
  const struct octet_group_matmul plan = {.weights = forbidden,
                                          .kernel = kernel,
                                          .packed_layout = 16,
                                          .type = OCTET_S8,
                                          .k = 32,
                                          .n = 16,
                                          .group = 32};
  return plan;
}

static void dynamic_group_matmul(int32_t kernel) {
  const struct octet_group_matmul plan = group_plan(kernel);
  octet_dynamic_group_matmul_run(&plan, forbidden, 32, forbidden, 16, 2, 0, 16, NULL);
}

static void block_matmul(int32_t kernel) {
  struct octet_group_matmul plan = group_plan(kernel);
  plan.type = OCTET_BLOCK_Q4_0;
  octet_block_matmul_run(&plan, forbidden, 32, forbidden, 16, 2, 0, 16, NULL);
}

static void weight_only_matmul(int32_t kernel) {
  const struct octet_group_matmul plan = group_plan(kernel);
  octet_weight_only_matmul_run(&plan, forbidden, 32, forbidden, 16, 2, 0, 16);
}

static void block_weight_only_matmul(int32_t kernel) {
  struct octet_group_matmul plan = group_plan(kernel);
  plan.type = OCTET_BLOCK_Q4_0;
  octet_block_weight_only_matmul_run(&plan, forbidden, 32, forbidden, 16, 2, 0, 16);
}

static void dynamic_matmul_with(int32_t kernel, int32_t kernel_of_range, int32_t kernel_of_quantize) {
  const struct octet_dynamic_matmul plan = {
      .product = {.weights = forbidden, .multipliers = forbidden, .kernel = kernel, .k = 8, .n = 16},
      .kernel_of_range = kernel_of_range,
      .kernel_of_quantize = kernel_of_quantize};
  octet_dynamic_matmul_run(&plan, forbidden, 8, forbidden, 16, 2, 0, 16, NULL);
}

static void dynamic_matmul(int32_t kernel) {
  dynamic_matmul_with(kernel, octet_range_kernel(OCTET_ISA_BASELINE),
                      octet_quantize_kernel(OCTET_ISA_BASELINE, OCTET_U8, 0));
}

static void dynamic_matmul_range(int32_t kernel) {
  dynamic_matmul_with(octet_matmul_kernel(OCTET_ISA_BASELINE, OCTET_U8, OCTET_F32), kernel,
                      octet_quantize_kernel(OCTET_ISA_BASELINE, OCTET_U8, 0));
}

static void dynamic_matmul_quantize(int32_t kernel) {
  dynamic_matmul_with(octet_matmul_kernel(OCTET_ISA_BASELINE, OCTET_U8, OCTET_F32),
                      octet_range_kernel(OCTET_ISA_BASELINE), kernel);
}

static void softmax(int32_t kernel) {
  octet_softmax_run(kernel, 1, forbidden, NULL, forbidden, 2, 16);
}

static void layer_norm(int32_t kernel) {
  const struct octet_layer_norm plan = {
      .weights = forbidden, .bias = forbidden, .columns = 16, .kernel = kernel};
  octet_layer_norm_run(&plan, forbidden, NULL, forbidden, 2);
}

static void gelu(int32_t kernel) {
  octet_gelu_run(kernel, forbidden, forbidden, 16);
}

static void sgemm(int32_t kernel) {
  const struct octet_sgemm plan = {.weights = forbidden, .kernel = kernel, .k = 16, .n = 32};
  octet_sgemm_run(&plan, forbidden, 16, NULL, 0, 16, forbidden, 32, 0, 2, 0, 32, forbidden);
}

static void sgemm_pack(int32_t kernel) {
  const struct octet_sgemm plan = {.kernel = kernel, .k = 16, .n = 32};
  octet_sgemm_pack(&plan, forbidden, 32, forbidden);
}

/* Whether a name contains one of several parts, which are separated by bars. */
static int contains(const char *name, const char *parts) {
  while (parts != NULL) {
    char part[64] = {0};
    const char *bar = strchr(parts, '|');
    memcpy(part, parts, bar == NULL ? strlen(parts) : (size_t)(bar - parts));
    if (strstr(name, part) != NULL) {
      return 1;
    }
    parts = bar == NULL ? NULL : bar + 1;
  }
  return 0;
}

/* A call with a number, and what is in the names of those that it takes. */
static const struct {
  const char *name;
  void (*run)(int32_t kernel);
  const char *taken;
  const char *but;
} CALLS[] = {
    {"matmul", matmul, "_gemm_", NULL},
    {"epilogue", epilogue, "_epilogue_", NULL},
    {"conv2d", conv2d, "_conv2d_", NULL},
    {"batch matmul", batch_matmul, "_gemm_", NULL},
    {"batch matmul, tables", batch_matmul_tables, "_column_tables_", NULL},
    {"quantize", quantize, "_quantize_", "_pg_quantize_"},
    {"dequantize", dequantize, "_dequantize_", NULL},
    {"range", range, "_range_", NULL},
    {"range quantize", range_quantize, "_quantize_", "_pg_quantize_"},
    {"dynamic quantize", dynamic_quantize, "_range_", NULL},
    {"dynamic quantize, rows", dynamic_quantize_of_rows, "_quantize_", "_pg_quantize_"},
    {"requantize", requantize, "_requantize_", NULL},
    {"binary", binary, "_u8u8_u8_pt_|_s8s8_s8_pt_", NULL},
    {"pool", pool, "_max_pool_|_average_pool_", NULL},
    {"concat", concat, "_copy_|_lookup_", NULL},
    {"pad", pad, "_copy_", NULL},
    {"transpose", transpose, "_transpose_", NULL},
    {"nearest resize", nearest_resize, "_nearest_resize_", NULL},
    {"linear resize", linear_resize, "_linear_resize_", NULL},
    {"lookup", lookup, "_lookup_", NULL},
    {"dynamic group matmul", dynamic_group_matmul, "_dynamic_", "_f32blocks_"},
    {"block matmul", block_matmul, "_f32blocks_", "_weightonly_"},
    {"weight-only matmul", weight_only_matmul, "_weightonly_", "_f32blocks_"},
    {"block weight-only matmul", block_weight_only_matmul, "_f32blocks_f32_pg_weightonly_", NULL},
    {"dynamic matmul", dynamic_matmul, "_gemm_", NULL},
    {"dynamic matmul, range", dynamic_matmul_range, "_range_", NULL},
    {"dynamic matmul, quantize", dynamic_matmul_quantize, "_quantize_", "_pg_quantize_"},
    {"softmax", softmax, "_softmax_", NULL},
    {"layer norm", layer_norm, "_layer_norm_", NULL},
    {"gelu", gelu, "_gelu_", NULL},
    {"sgemm", sgemm, "_sgemm_", "_sgemm_pack_"},
    {"sgemm, pack", sgemm_pack, "_sgemm_", "_sgemm_pack_"},
};

enum { CALL_COUNT = sizeof CALLS / sizeof CALLS[0] };

/* A call that touches its operands ends the program: the line before says which it was. */
static void no_kernel_of_theirs(void) {
  static const int32_t beyond[] = {-1, 999, INT32_MIN, INT32_MAX};
  for (int32_t i = 0; i < CALL_COUNT; i++) {
    printf("%s\n", CALLS[i].name);
    fflush(stdout);
    for (size_t b = 0; b < sizeof beyond / sizeof beyond[0]; b++) {
      CALLS[i].run(beyond[b]);
      check_cases++;
    }
    for (int32_t kernel = 0; kernel <= octet_kernel_count(); kernel++) {
      const char *name = octet_kernel_name(kernel);
      if (!contains(name, CALLS[i].taken) || contains(name, CALLS[i].but)) {
        CALLS[i].run(kernel);
        check_cases++;
      }
    }
  }
}

/* Nothing of the plan was filled in. */
static void plans_of_zeros(void) {
  static const struct octet_matmul product;
  static const struct octet_epilogue after;
  static const struct octet_conv2d windows;
  static const struct octet_batch_matmul batch;
  static const struct octet_batch_matmul_call call;
  static const struct octet_quantize conversion;
  static const struct octet_requantize narrowing;
  static const struct octet_binary pair;
  static const struct octet_pool pooling;
  static const struct octet_pad border;
  static const struct octet_resize resizing;
  static const struct octet_concat operand;
  static const struct octet_group_matmul groups;
  static const struct octet_dynamic_matmul dynamic;
  static const struct octet_layer_norm norm;
  octet_matmul_run(&product, forbidden, 8, NULL, NULL, forbidden, 16, 2, 0, 16, NULL);
  octet_epilogue_run(&after, forbidden, 16, NULL, NULL, NULL, forbidden, 16, 2, 16);
  octet_conv2d_run(&windows, forbidden, forbidden, 2, 2, 2, 0, 2, 0, 1, forbidden);
  octet_conv2d_scaled_run(&windows, 1, 0, forbidden, forbidden, 2, 2, 2, 0, 2, 0, 1, forbidden);
  octet_batch_matmul_run(&batch, &call, 0, 1, 0, 2, 0, 16, NULL);
  octet_quantize_run(&conversion, forbidden, forbidden, 8, 1, 0, 16);
  octet_dequantize_run(&conversion, forbidden, forbidden, 8, 1, 0, 16);
  octet_requantize_run(&narrowing, forbidden, forbidden, 0, 16);
  octet_binary_run(&pair, forbidden, 16, 1, forbidden, 16, 1, forbidden, 2, 16);
  octet_pool_run(&pooling, forbidden, forbidden, 2, 2, 16, 1, 1, 0, 1);
  octet_concat_run(&operand, forbidden, 16, forbidden, 16, 0, 1, 16);
  octet_pad_run(&border, forbidden, forbidden, 2, 2, 16, 0, 2);
  octet_resize_run(&resizing, forbidden, forbidden, forbidden, 2, 2, 16, 2, 3, 0, 2);
  octet_dynamic_group_matmul_run(&groups, forbidden, 32, forbidden, 16, 2, 0, 16, NULL);
  octet_block_matmul_run(&groups, forbidden, 32, forbidden, 16, 2, 0, 16, NULL);
  octet_weight_only_matmul_run(&groups, forbidden, 32, forbidden, 16, 2, 0, 16);
  octet_block_weight_only_matmul_run(&groups, forbidden, 32, forbidden, 16, 2, 0, 16);
  octet_dynamic_matmul_run(&dynamic, forbidden, 8, forbidden, 16, 2, 0, 16, NULL);
  octet_layer_norm_run(&norm, forbidden, NULL, forbidden, 2);
  check_cases += 18;
}

static void no_kernel_for(int32_t tier) {
  const int32_t kernels[] = {octet_matmul_kernel(tier, OCTET_U8, OCTET_S8),
                             octet_epilogue_kernel(tier, OCTET_S8),
                             octet_conv2d_kernel(tier, OCTET_U8, OCTET_S8),
                             octet_attention_kernel(tier, OCTET_U8, OCTET_F32),
                             octet_batch_matmul_tables_kernel(tier),
                             octet_quantize_kernel(tier, OCTET_S4, 0),
                             octet_dequantize_kernel(tier, OCTET_U4, 1),
                             octet_range_kernel(tier),
                             octet_requantize_kernel(tier, OCTET_U8, 0),
                             octet_binary_kernel(tier, OCTET_MULTIPLY, OCTET_S8),
                             octet_pool_kernel(tier, OCTET_MAX_POOL, OCTET_U8),
                             octet_copy_kernel(tier),
                             octet_resize_kernel(tier, OCTET_RESIZE_LINEAR, OCTET_U8),
                             octet_resize_kernel(tier, OCTET_RESIZE_CEIL, OCTET_S8),
                             octet_transpose_kernel(tier),
                             octet_lookup_kernel(tier),
                             octet_dynamic_group_matmul_kernel(tier, OCTET_S8),
                             octet_block_matmul_kernel(tier, OCTET_BLOCK_Q6_K),
                             octet_weight_only_matmul_kernel(tier, OCTET_U4),
                             octet_block_weight_only_matmul_kernel(tier, OCTET_BLOCK_Q6_K),
                             octet_softmax_kernel(tier),
                             octet_sgemm_kernel(tier),
                             octet_layer_norm_kernel(tier),
                             octet_gelu_kernel(tier, OCTET_GELU_TANH)};
  for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
    check_cases++;
    if (kernels[i] != -1) {
      check_fail("function %zu has kernel %d for tier %d, which there is not", i, kernels[i], tier);
    }
  }
}

int main(void) {
  const size_t page = page_bytes();
  /* The page behind is the forbidden one. */
  forbidden = (char *)guarded_start(page) + page;
  no_kernel_of_theirs();
  plans_of_zeros();
  no_kernel_for(-1);
  for (int32_t tier = OCTET_ISA_BASELINE + 1; tier <= LAST_TIER + 1; tier++) {
    if (!is_tier(tier)) {
      no_kernel_for(tier);
    }
  }
  return check_result("numbers that are no kernel");
}
