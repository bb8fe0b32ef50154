/* 8-bit products of two operands of the run: the right one is packed as weights are, some columns at a time,
   and stays in a cache while the rows of the left one pass. */
#include "kernels.h"
#include "tiers.h"

enum {
  /* Packed columns that L2 keeps beside the rows that pass. */
  PACKED_BYTES = 256 * 1024,
  BLOCK_COLUMNS = 64,
  ALIGNMENT = 64,
  /* Sums, offsets, factors of the rows' zero points, zero points, multipliers: 4 bytes each. */
  TABLES = 5,
  /* Smaller calls take their scratch from the stack. */
  STACK_BYTES = 16 * 1024
};

/* Scratch, in parts. */
struct parts {
  void *packed;
  int32_t *sums;
  int32_t *offsets;
  int32_t *factors;
  int32_t *zero_points;
  float *multipliers;
};

static int32_t at_most(int32_t x, int32_t y) {
  return x < y ? x : y;
}

int32_t octet_attention_kernel(int32_t tier, int32_t left_type, int32_t output_type) {
#if defined(__x86_64__)
  if (tier == OCTET_ISA_AVX512VNNI && output_type == OCTET_F32) {
    return left_type == OCTET_S8 ? KERNEL_octet_s8s8_f32_pc_attention_6x64__avx512vnni
                                 : KERNEL_octet_u8s8_f32_pc_attention_6x64__avx512vnni;
  }
#else
  (void)left_type;
  (void)output_type;
#endif
  (void)tier;
  return -1;
}

int32_t octet_batch_matmul_tables_kernel(int32_t tier) {
  static const int32_t KERNELS[ROWS] = {
    KERNEL_octet_s32_f32_pc_column_tables_1x1__baseline,
#if defined(__x86_64__)
    KERNEL_octet_s32_f32_pc_column_tables_1x8__avx2,
    KERNEL_octet_s32_f32_pc_column_tables_1x16__avx512vnni
#endif
  };
  return kernel_of_tier(KERNELS, tier);
}

/* How many columns are packed together: whole blocks. */
static int32_t columns_at_once(int32_t k, int32_t columns) {
  const int32_t kept = PACKED_BYTES / BLOCK_COLUMNS / ((k + 3) / 4 * 4);
  return at_most(columns, BLOCK_COLUMNS * (kept < 1 ? 1 : kept));
}

/* Rounded up to whole blocks, so that every part is aligned. */
static int64_t table_bytes(int32_t columns) {
  return 4 * (((int64_t)columns + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS * BLOCK_COLUMNS);
}

static int64_t bytes_for(const struct octet_batch_matmul *plan, int32_t k, int32_t columns) {
  const int32_t at_once = columns_at_once(k, columns);
  return (octet_matmul_packed_bytes(plan->packed_layout, k, at_once) + ALIGNMENT - 1) / ALIGNMENT *
             ALIGNMENT +
         TABLES * table_bytes(at_once);
}

int64_t octet_batch_matmul_scratch_bytes(const struct octet_batch_matmul *plan, int32_t k, int32_t columns) {
  const int64_t bytes = bytes_for(plan, k, columns);
  return bytes <= STACK_BYTES ? 0 : bytes;
}

static struct parts divide_scratch(char *scratch, int32_t columns) {
  const int64_t table = table_bytes(columns);
  struct parts parts = {.sums = (int32_t *)(void *)scratch,
                        .offsets = (int32_t *)(void *)(scratch + table),
                        .factors = (int32_t *)(void *)(scratch + 2 * table),
                        .zero_points = (int32_t *)(void *)(scratch + 3 * table),
                        .multipliers = (float *)(void *)(scratch + 4 * table),
                        .packed = scratch + TABLES * table};
  return parts;
}

static const char *floats_at(const void *floats, int64_t index) {
  return floats == 0 ? 0 : (const char *)floats + 4 * index;
}

/* Packs some columns of a right operand and makes their tables. Returns the product that they make. */
static struct octet_matmul prepare(const struct octet_batch_matmul *plan,
                                   const struct octet_batch_matmul_call *call, const struct parts *parts,
                                   int32_t product, int32_t first, int32_t columns) {
  const char *right = (const char *)call->right + product * call->right_batch +
                      (plan->right_transposed ? first * call->right_row : first);
  octet_matmul_pack(plan->packed_layout, right, plan->right_type, plan->right_transposed, call->right_row,
                    call->k, 0, columns, parts->packed, parts->sums);
  const int64_t parameter = (call->right_batch == 0 ? 0 : (int64_t)product * call->n) + first;
  /* As the packed bytes have them: U8 is stored less 128, the left operand is U8 always. */
  const struct column_terms terms = {
      .sums = parts->sums,
      .scales = floats_at(call->right_scales, parameter),
      .zero_points = floats_at(call->right_zero_points, parameter),
      .scale = plan->right_scale,
      .zero_point = plan->right_zero_point,
      .shift = plan->right_type == OCTET_U8 ? 128 : 0,
      .left_zero_point =
          (call->left_zero_points == 0 ? plan->left_zero_point : 0) + (plan->left_type == OCTET_S8 ? 128 : 0),
      .k = call->k,
      /* With scales of rows the multiplier lacks the left one: times 1 changes nothing. */
      .left_scale = call->left_scales == 0 ? plan->left_scale : 1,
      .output_scale = plan->output_scale};
  column_tables_kernel *tables = OCTET_KERNEL(column_tables_kernel, plan->tables_kernel);
  const int32_t any_zero_point =
      tables(&terms, columns, parts->offsets, parts->factors, parts->zero_points, parts->multipliers);
  const int row_zero_points = call->left_zero_points != 0;
  return (struct octet_matmul){.weights = parts->packed,
                               .offsets = row_zero_points ? 0 : parts->offsets,
                               .zero_point_factors = row_zero_points ? parts->factors : 0,
                               .weight_zero_points = any_zero_point == 0 ? 0 : parts->zero_points,
                               .multipliers = parts->multipliers,
                               .kernel = plan->kernel,
                               .k = call->k,
                               .n = columns,
                               .zero_point = plan->zero_point,
                               .low = plan->low,
                               .high = plan->high};
}

static void multiply(const struct octet_batch_matmul *plan, const struct octet_batch_matmul_call *call,
                     const struct octet_matmul *product, int32_t number, int32_t first_row, int32_t rows,
                     int32_t column, int64_t element) {
  const int64_t row = (call->left_batch == 0 ? 0 : (int64_t)number * call->m) + first_row;
  const char *left = (const char *)call->left + number * call->left_batch + first_row * call->left_row;
  char *out = (char *)call->out + (number * call->out_batch + first_row * call->out_row + column) * element;
  if (OCTET_IS_KERNEL(attention_kernel, plan->attention_kernel) && product->offsets != 0 &&
      product->weight_zero_points == 0 && plan->low == -__builtin_inff() && plan->high == __builtin_inff()) {
    attention_kernel *kernel = OCTET_KERNEL(attention_kernel, plan->attention_kernel);
    kernel(product, left, call->left_row, floats_at(call->left_scales, row), out, call->out_row, rows);
    return;
  }
  octet_matmul_run(product, left, call->left_row,
                   (const float *)(const void *)floats_at(call->left_scales, row),
                   (const int32_t *)(const void *)floats_at(call->left_zero_points, row), out, call->out_row,
                   rows, 0, product->n, 0);
}

static void run(const struct octet_batch_matmul *plan, const struct octet_batch_matmul_call *call,
                int32_t first_product, int32_t products, int32_t first_row, int32_t rows,
                int32_t first_column, int32_t columns, char *scratch) {
  const int32_t at_once = columns_at_once(call->k, columns);
  const struct parts parts = divide_scratch(scratch, at_once);
  const int64_t element = plan->output_type == OCTET_S32 || plan->output_type == OCTET_F32 ? 4 : 1;
  for (int32_t done = 0; done < columns; done += at_once) {
    struct octet_matmul product = {0};
    for (int32_t number = first_product; number < first_product + products; number++) {
      if (number == first_product || call->right_batch != 0) {
        product = prepare(plan, call, &parts, number, first_column + done, at_most(at_once, columns - done));
      }
      multiply(plan, call, &product, number, first_row, rows, first_column + done, element);
    }
  }
}

/* A frame of its own: calls with scratch do not touch so much stack. */
static __attribute__((noinline)) void run_on_stack(const struct octet_batch_matmul *plan,
                                                   const struct octet_batch_matmul_call *call,
                                                   int32_t first_product, int32_t products, int32_t first_row,
                                                   int32_t rows, int32_t first_column, int32_t columns) {
  _Alignas(ALIGNMENT) char scratch[STACK_BYTES];
  run(plan, call, first_product, products, first_row, rows, first_column, columns, scratch);
}

void octet_batch_matmul_run(const struct octet_batch_matmul *plan, const struct octet_batch_matmul_call *call,
                            int32_t first_product, int32_t products, int32_t first_row, int32_t rows,
                            int32_t first_column, int32_t columns, void *scratch) {
  if (!OCTET_IS_KERNEL(matmul_kernel, plan->kernel) ||
      !OCTET_IS_KERNEL(column_tables_kernel, plan->tables_kernel)) {
    return;
  }
  if (bytes_for(plan, call->k, columns) <= STACK_BYTES) {
    run_on_stack(plan, call, first_product, products, first_row, rows, first_column, columns);
  } else {
    run(plan, call, first_product, products, first_row, rows, first_column, columns, scratch);
  }
}
