/* Products of two run-time operands on every tier against the law, spelled out here from zero points and
   scales as users have them: all types, strides, repeated operands, any part of the results. Operands end or
   begin at forbidden pages. */
#include "check.h"

#include <math.h>

static const uint64_t SEED = UINT64_C(20261128);
static uint64_t state;

static const char *const TYPES[] = {"u8", "s8", "", "", "s32", "f32"};

/* One side: where it lies, and parameters for each row or column, or one for all. */
struct side {
  int32_t type;
  int32_t repeated;
  int32_t scales_of_run;
  int32_t zero_points_of_run;
  int64_t batch_stride;
  int64_t row_stride;
  uint8_t *data;
  char *scales;
  char *zero_points;
};

struct batch_case {
  struct side left;
  struct side right;
  int32_t transposed;
  int32_t output;
  int32_t batch;
  int32_t m;
  int32_t k;
  int32_t n;
  int64_t out_batch;
  int64_t out_row;
  float output_scale;
  int32_t zero_point;
  float low;
  float high;
  int32_t first_product, products, first_row, rows, first_column, columns;
};

static void *guarded(size_t bytes) {
  return random_between(&state, 0, 3) == 0 ? guarded_start(bytes) : guarded_end(bytes);
}

static int32_t value(int32_t type, uint8_t byte) {
  return type == OCTET_U8 ? byte : (int8_t)byte;
}

static float float_at(const char *from, int64_t index) {
  float x;
  memcpy(&x, from + 4 * index, 4);
  return x;
}

static int32_t int_at(const char *from, int64_t index) {
  int32_t x;
  memcpy(&x, from + 4 * index, 4);
  return x;
}

static int32_t low_of(int32_t type) {
  return type == OCTET_S8 ? -128 : 0;
}

static int32_t high_of(int32_t type) {
  return type == OCTET_S8 ? 127 : 255;
}

/* A size around vectors, tiles and groups. */
static int32_t random_size(void) {
  static const int32_t EDGES[] = {1,  2,  3,  4,  5,  6,   7,   15,  16,  17, 31,
                                  32, 33, 63, 64, 65, 127, 128, 129, 191, 193};
  return random_between(&state, 0, 2) == 0
             ? random_between(&state, 1, 200)
             : EDGES[random_between(&state, 0, (int32_t)(sizeof EDGES / sizeof *EDGES) - 1)];
}

/* Memory of a side with its parameters: `each` of them for each stored operand. */
static void fill(struct side *s, const struct batch_case *c, int32_t rows, int32_t columns, int32_t each) {
  s->type = random_between(&state, OCTET_U8, OCTET_S8);
  s->repeated = random_between(&state, 0, 3) == 0;
  const int gaps = random_between(&state, 0, 1);
  s->row_stride = columns + (gaps ? random_between(&state, 0, 70) : 0);
  s->batch_stride = s->repeated ? 0 : rows * s->row_stride + (gaps ? random_between(&state, 0, 70) : 0);
  const size_t bytes = (size_t)((c->batch - 1) * s->batch_stride + (rows - 1) * s->row_stride + columns);
  s->data = guarded(bytes);
  random_bytes(&state, s->data, bytes);
  if (random_between(&state, 0, 7) == 0) {
    memset(s->data, s->type == OCTET_S8 ? 0x80 : 0xff, bytes);
  }
  s->scales_of_run = random_between(&state, 0, 1);
  s->zero_points_of_run = s->scales_of_run && random_between(&state, 0, 1);
  const int64_t scales = s->scales_of_run ? (int64_t)each * (s->repeated ? 1 : c->batch) : 1;
  s->scales = guarded((size_t)(4 * scales));
  s->zero_points = guarded((size_t)(4 * scales));
  const int zero = random_between(&state, 0, 2) == 0;
  for (int64_t i = 0; i < scales; i++) {
    const float scale = random_between(&state, 0, 5) == 0 ? 0.5f : random_real(&state, 0.001f, 2);
    const int32_t zero_point = zero || (s->scales_of_run && !s->zero_points_of_run)
                                   ? 0
                                   : random_between(&state, low_of(s->type), high_of(s->type));
    memcpy(s->scales + 4 * i, &scale, 4);
    memcpy(s->zero_points + 4 * i, &zero_point, 4);
  }
}

static int64_t parameter(const struct side *s, int32_t product, int32_t each, int32_t index) {
  return s->scales_of_run ? (s->repeated ? 0 : (int64_t)product * each) + index : 0;
}

static int32_t accumulate(const struct batch_case *c, int32_t product, int32_t row, int32_t column) {
  const uint8_t *left = c->left.data + product * c->left.batch_stride + row * c->left.row_stride;
  const uint8_t *right = c->right.data + product * c->right.batch_stride +
                         (c->transposed ? column * c->right.row_stride : column);
  const int64_t step = c->transposed ? 1 : c->right.row_stride;
  const int32_t zl = int_at(c->left.zero_points, parameter(&c->left, product, c->m, row));
  const int32_t zr = int_at(c->right.zero_points, parameter(&c->right, product, c->n, column));
  uint32_t sum = 0;
  for (int32_t i = 0; i < c->k; i++) {
    sum += (uint32_t)((value(c->left.type, left[i]) - zl) * (value(c->right.type, right[i * step]) - zr));
  }
  return (int32_t)sum;
}

/* The bits of the output, those of a float or of an integer. */
static uint32_t law(const struct batch_case *c, int32_t product, int32_t row, int32_t column) {
  const int32_t sum = accumulate(c, product, row, column);
  const float sl = float_at(c->left.scales, parameter(&c->left, product, c->m, row));
  const float sr = float_at(c->right.scales, parameter(&c->right, product, c->n, column));
  if (c->output == OCTET_S32) {
    return (uint32_t)sum;
  }
  if (c->output == OCTET_F32) {
    const float t = fminf(fmaxf((float)sum * (sl * sr), c->low), c->high);
    uint32_t bits;
    memcpy(&bits, &t, 4);
    return bits;
  }
  const float factor = c->left.scales_of_run ? sl * (sr / c->output_scale) : sl * sr / c->output_scale;
  const float t = fminf(fmaxf((float)sum * factor, c->low), c->high);
  return (uint8_t)((int32_t)rintf(t) + c->zero_point);
}

static struct batch_case random_case(void) {
  struct batch_case c;
  memset(&c, 0, sizeof c);
  c.batch = random_between(&state, 1, 3);
  c.m = random_size() % 40 + 1;
  /* Now and then so long that columns are packed in several pieces. */
  const int long_k = random_between(&state, 0, 39) == 0;
  c.k = long_k ? random_between(&state, 3000, 9000) : random_size();
  c.n = random_size();
  c.transposed = random_between(&state, 0, 1);
  fill(&c.left, &c, c.m, c.k, c.m);
  fill(&c.right, &c, c.transposed ? c.n : c.k, c.transposed ? c.k : c.n, c.n);
  static const int32_t OUTPUTS[] = {OCTET_S32, OCTET_F32, OCTET_U8, OCTET_S8};
  c.output = OUTPUTS[random_between(&state, 0, 3)];
  c.out_row = c.n + (random_between(&state, 0, 1) ? random_between(&state, 0, 50) : 0);
  c.out_batch = c.m * c.out_row + (random_between(&state, 0, 1) ? random_between(&state, 0, 50) : 0);
  c.output_scale = 1;
  c.low = -INFINITY;
  c.high = INFINITY;
  if (c.output == OCTET_F32 && random_between(&state, 0, 2) == 0) {
    c.low = -100;
    c.high = 1000.5f;
  } else if (c.output == OCTET_U8 || c.output == OCTET_S8) {
    c.output_scale = random_real(&state, 1, 200) * sqrtf((float)c.k);
    c.zero_point = random_between(&state, low_of(c.output), high_of(c.output));
    c.low = (float)(low_of(c.output) - c.zero_point);
    c.high = (float)(high_of(c.output) - c.zero_point);
  }
  const int whole = random_between(&state, 0, 1);
  c.first_product = whole ? 0 : random_between(&state, 0, c.batch - 1);
  c.products = whole ? c.batch : random_between(&state, 0, c.batch - c.first_product);
  c.first_row = whole ? 0 : random_between(&state, 0, c.m - 1);
  c.rows = whole ? c.m : random_between(&state, 1, c.m - c.first_row);
  c.first_column = whole ? 0 : random_between(&state, 0, c.n - 1) / 64 * 64;
  c.columns = whole ? c.n : random_between(&state, 1, c.n - c.first_column);
  return c;
}

static void check_output(const struct batch_case *c, int32_t tier, const char *out) {
  const int64_t element = c->output == OCTET_S32 || c->output == OCTET_F32 ? 4 : 1;
  for (int32_t p = c->first_product; p < c->first_product + c->products; p++) {
    for (int32_t row = c->first_row; row < c->first_row + c->rows; row++) {
      for (int32_t column = c->first_column; column < c->first_column + c->columns; column++) {
        uint32_t got = 0;
        memcpy(&got, out + (p * c->out_batch + row * c->out_row + column) * element, (size_t)element);
        const uint32_t expected = law(c, p, row, column);
        if (got != expected) {
          check_fail(
              "%s %s%s to %s%s, %d of %d x %d x %d, repeated %d %d, of the run %d%d %d%d, strides %lld %lld "
              "%lld, "
              "part %d+%d %d+%d %d+%d: product %d row %d column %d, sum %d: expected bits %x, got %x",
              tier_name(tier), TYPES[c->left.type], TYPES[c->right.type], TYPES[c->output],
              c->transposed ? " transposed" : "", c->batch, c->m, c->k, c->n, c->left.repeated,
              c->right.repeated, c->left.scales_of_run, c->left.zero_points_of_run, c->right.scales_of_run,
              c->right.zero_points_of_run, (long long)c->left.row_stride, (long long)c->right.row_stride,
              (long long)c->out_row, c->first_product, c->products, c->first_row, c->rows, c->first_column,
              c->columns, p, row, column, accumulate(c, p, row, column), expected, got);
          return;
        }
      }
    }
  }
}

/* What lies between the rows, and the results that were not asked for, is as it was. */
static void check_rest(const struct batch_case *c, int32_t tier, const char *out, size_t bytes) {
  const int64_t element = c->output == OCTET_S32 || c->output == OCTET_F32 ? 4 : 1;
  for (size_t i = 0; i < bytes; i++) {
    const int64_t index = (int64_t)i / element;
    const int64_t within = index % c->out_batch;
    const int64_t p = index / c->out_batch - c->first_product;
    const int64_t row = within / c->out_row - c->first_row;
    const int64_t column = within % c->out_row - c->first_column;
    const int inside =
        p >= 0 && p < c->products && row >= 0 && row < c->rows && column >= 0 && column < c->columns;
    if (!inside && (uint8_t)out[i] != 0xa5) {
      check_fail("%s: byte %zu of an output of %d x %d, row stride %lld, was written", tier_name(tier), i,
                 c->m, c->n, (long long)c->out_row);
      return;
    }
  }
}

static void run_on(const struct batch_case *c, int32_t tier) {
  const int64_t element = c->output == OCTET_S32 || c->output == OCTET_F32 ? 4 : 1;
  const size_t bytes = (size_t)(((c->batch - 1) * c->out_batch + (c->m - 1) * c->out_row + c->n) * element);
  char *out = guarded(bytes);
  const struct octet_batch_matmul plan = {
      .kernel = octet_matmul_kernel(tier, c->left.type, c->output),
      .attention_kernel = octet_attention_kernel(tier, c->left.type, c->output),
      .tables_kernel = octet_batch_matmul_tables_kernel(tier),
      .packed_layout = octet_matmul_layout(tier),
      .left_type = c->left.type,
      .right_type = c->right.type,
      .output_type = c->output,
      .right_transposed = c->transposed,
      .left_zero_point = c->left.scales_of_run ? 0 : int_at(c->left.zero_points, 0),
      .right_zero_point = c->right.scales_of_run ? 0 : int_at(c->right.zero_points, 0),
      .left_scale = c->left.scales_of_run ? 1 : float_at(c->left.scales, 0),
      .right_scale = c->right.scales_of_run ? 1 : float_at(c->right.scales, 0),
      .output_scale = c->output_scale,
      .zero_point = c->zero_point,
      .low = c->low,
      .high = c->high};
  const int scales = c->output != OCTET_S32;
  const struct octet_batch_matmul_call call = {
      .left = c->left.data,
      .left_scales = scales && c->left.scales_of_run ? c->left.scales : NULL,
      .left_zero_points = c->left.zero_points_of_run ? c->left.zero_points : NULL,
      .right = c->right.data,
      .right_scales = scales && c->right.scales_of_run ? c->right.scales : NULL,
      .right_zero_points = c->right.zero_points_of_run ? c->right.zero_points : NULL,
      .out = out,
      .left_batch = c->left.batch_stride,
      .left_row = c->left.row_stride,
      .right_batch = c->right.batch_stride,
      .right_row = c->right.row_stride,
      .out_batch = c->out_batch,
      .out_row = c->out_row,
      .m = c->m,
      .k = c->k,
      .n = c->n};
  const int64_t scratch_bytes = octet_batch_matmul_scratch_bytes(&plan, c->k, c->columns);
  void *scratch = NULL;
  if (scratch_bytes > 0) {
    static const size_t OFFSETS[] = {0, 4, 16, 32};
    scratch = guarded_offset((size_t)scratch_bytes, OFFSETS[random_between(&state, 0, 3)]);
  }
  octet_batch_matmul_run(&plan, &call, c->first_product, c->products, c->first_row, c->rows, c->first_column,
                         c->columns, scratch);
  check_output(c, tier, out);
  check_rest(c, tier, out, bytes);
}

int main(void) {
  state = SEED;
  printf("seed %llu\n", (unsigned long long)SEED);
  for (int round = 0; round < share_of(1500); round++) {
    const struct batch_case c = random_case();
    for (int32_t tier = OCTET_ISA_BASELINE; tier <= LAST_TIER; tier++) {
      if (tier_runs_here(tier)) {
        check_cases++;
        run_on(&c, tier);
      }
    }
    guarded_free();
  }
  return check_result("batch matmul");
}
