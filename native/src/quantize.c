/* Quantize, dequantize and dynamic quantize: parameters, and the way through tensors whose parameters change
   from element to element or from run to run. Kernels see stretches: elements in a row that share one pair of
   parameters, or have one each. */
#include "kernels.h"
#include "scalars.h"
#include "tiers.h"

#if defined(__x86_64__)
#define ROW(src, dst, granularity, op)                                       \
  {                                                                          \
    KERNEL_octet_##src##_##dst##_##granularity##_##op##_1x1__baseline,       \
        KERNEL_octet_##src##_##dst##_##granularity##_##op##_1x32__avx2,      \
        KERNEL_octet_##src##_##dst##_##granularity##_##op##_1x64__avx512vnni \
  }
#else
#define ROW(src, dst, granularity, op) \
  { KERNEL_octet_##src##_##dst##_##granularity##_##op##_1x1__baseline }
#endif

/* By type, one pair of parameters or one for each element, row of the tier. */
static const int32_t QUANTIZE[4][2][ROWS] = {
    [OCTET_U8] = {ROW(f32, u8, pt, quantize), ROW(f32, u8, pc, quantize)},
    [OCTET_S8] = {ROW(f32, s8, pt, quantize), ROW(f32, s8, pc, quantize)},
    [OCTET_U4] = {ROW(f32, u4, pt, quantize), ROW(f32, u4, pc, quantize)},
    [OCTET_S4] = {ROW(f32, s4, pt, quantize), ROW(f32, s4, pc, quantize)},
};

static const int32_t DEQUANTIZE[2][2][ROWS] = {
    {ROW(u8, f32, pt, dequantize), ROW(u8, f32, pc, dequantize)},
    {ROW(s8, f32, pt, dequantize), ROW(s8, f32, pc, dequantize)},
};

static const int32_t RANGE[ROWS] = ROW(f32, f32, pt, range);

/* Scales whose reciprocals give exact quotients: nothing near the range of an 8-bit integer comes close to an
   overflow or to a loss of bits. */
static const float LEAST_SCALE = 0x1p-64f;
static const float GREATEST_SCALE = 0x1p64f;

/* 4-bit elements take a way through bytes, in pieces that stay in L1. Even: a piece begins with a whole byte.
 */
enum { PIECE = 2048 };

int32_t octet_quantize_kernel(int32_t tier, int32_t type, int32_t per_element) {
  if (type < OCTET_U8 || type > OCTET_S4) {
    return -1;
  }
  return kernel_of_tier(QUANTIZE[type][per_element != 0], tier);
}

int32_t octet_dequantize_kernel(int32_t tier, int32_t type, int32_t per_element) {
  if (type < OCTET_U8 || type > OCTET_S4) {
    return -1;
  }
  return kernel_of_tier(DEQUANTIZE[type == OCTET_S8 || type == OCTET_S4][per_element != 0], tier);
}

int32_t octet_range_kernel(int32_t tier) {
  return kernel_of_tier(RANGE, tier);
}

static int has_reciprocal(float scale) {
  return scale >= LEAST_SCALE && scale <= GREATEST_SCALE;
}

int32_t octet_quantize_reciprocals(const float *scales, int64_t count, float *reciprocals) {
  int all = 1;
  for (int64_t i = 0; i < count; i++) {
    reciprocals[i] = 1 / scales[i];
    all &= has_reciprocal(scales[i]);
  }
  return all;
}

/* A place in a tensor, and the stretch that begins there. Divisions only find the first place: stretches may
   be as short as 32 elements. */
struct place {
  const struct octet_quantize *plan;
  int64_t axis;
  int64_t inner;
  int64_t on_axis;
  int64_t within;
  int64_t in_group;
  int64_t group; /* of all groups along the axis, those of outer indices before included */
  int per_element;
  int64_t parameter;
  int64_t length;
};

static int64_t least(int64_t x, int64_t y) {
  return x < y ? x : y;
}

static void find_stretch(struct place *p, int64_t left) {
  const struct octet_quantize *plan = p->plan;
  switch (plan->granularity) {
    case OCTET_PER_TENSOR:
      p->length = left;
      return;
    case OCTET_PER_CHANNEL:
      p->parameter = p->on_axis;
      p->length = least(left, p->per_element ? p->axis - p->on_axis : p->inner - p->within);
      return;
    default:
      p->parameter = p->per_element ? p->group * p->inner + p->within : p->group;
      p->length = least(left, p->per_element ? p->inner - p->within
                                             : least(plan->group_size - p->in_group, p->axis - p->on_axis));
  }
}

static int is_per_element(const struct octet_quantize *plan, int64_t inner) {
  return (plan->granularity == OCTET_PER_CHANNEL && inner == 1) ||
         (plan->granularity == OCTET_PER_GROUP && inner > 1);
}

/* The number of the kernel that stretches go to. */
static int32_t kernel_for(const struct octet_quantize *plan, int64_t inner) {
  return is_per_element(plan, inner) ? plan->element_kernel : plan->kernel;
}

static struct place place_of(const struct octet_quantize *plan, int64_t axis, int64_t inner, int64_t first,
                             int64_t left) {
  struct place p = {plan, axis, inner, 0, 0, 0, 0, is_per_element(plan, inner), 0, 0};
  if (plan->granularity == OCTET_PER_CHANNEL && p.per_element) {
    p.axis = plan->period;
  } else if (plan->granularity == OCTET_PER_GROUP) {
    const int64_t groups = (axis + plan->group_size - 1) / plan->group_size;
    const int64_t on_axis = first / inner % axis;
    p.in_group = on_axis % plan->group_size;
    p.group = first / inner / axis * groups + on_axis / plan->group_size;
  }
  p.on_axis = first / inner % p.axis;
  p.within = first % inner;
  find_stretch(&p, left);
  return p;
}

/* Goes to the end of the stretch. */
static void advance(struct place *p, int64_t left) {
  int64_t steps = p->length;
  if (p->inner > 1) {
    p->within += steps;
    steps = p->within == p->inner;
    p->within = steps ? 0 : p->within;
  }
  p->on_axis += steps;
  p->in_group += steps;
  if (p->on_axis == p->axis) {
    p->on_axis = 0;
    p->in_group = 0;
    p->group++;
  } else if (p->in_group == p->plan->group_size) {
    p->in_group = 0;
    p->group++;
  }
  find_stretch(p, left);
}

static void quantize_bytes(const struct octet_quantize *plan, const char *src, uint8_t *dst, int64_t axis,
                           int64_t inner, int64_t first, int64_t count) {
  struct place p = place_of(plan, axis, inner, first, count);
  quantize_kernel *kernel = OCTET_KERNEL(quantize_kernel, kernel_for(plan, inner));
  for (int64_t i = 0; i < count; advance(&p, count - i)) {
    kernel(src + 4 * i, dst + i, p.length, plan->scales + p.parameter,
           plan->reciprocals == 0 ? 0 : plan->reciprocals + p.parameter, plan->zero_points + p.parameter);
    i += p.length;
  }
}

static void dequantize_bytes(const struct octet_quantize *plan, const uint8_t *src, char *dst, int64_t axis,
                             int64_t inner, int64_t first, int64_t count) {
  struct place p = place_of(plan, axis, inner, first, count);
  dequantize_kernel *kernel = OCTET_KERNEL(dequantize_kernel, kernel_for(plan, inner));
  for (int64_t i = 0; i < count; advance(&p, count - i)) {
    kernel(src + i, dst + 4 * i, p.length, plan->scales + p.parameter, plan->zero_points + p.parameter);
    i += p.length;
  }
}

/* Bytes to nibbles, 8 at a time in a general register; the unused half of a last byte is 0. */
static void join_nibbles(const uint8_t *from, uint8_t *to, int64_t count) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t x;
    __builtin_memcpy(&x, from + i, 8);
    x &= UINT64_C(0x0f0f0f0f0f0f0f0f);
    x = (x | x >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
    const uint32_t joined = (uint32_t)(x | x >> 16);
    __builtin_memcpy(to + i / 2, &joined, 4);
  }
  for (; i < count; i += 2) {
    const int high = i + 1 < count ? from[i + 1] : 0;
    to[i / 2] = (uint8_t)((from[i] & 15) | (high & 15) << 4);
  }
}

/* The way back, with the sign of S4. */
static void split_nibbles(const uint8_t *from, uint8_t *to, int64_t count, int is_signed) {
  /* A set bit 3 of a byte times 30 sets the bits above it. */
  const uint64_t sign = is_signed ? UINT64_C(0x0808080808080808) : 0;
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint32_t joined;
    __builtin_memcpy(&joined, from + i / 2, 4);
    uint64_t x = joined;
    x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
    x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x | x << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    x |= (x & sign) * 30;
    __builtin_memcpy(to + i, &x, 8);
  }
  for (; i < count; i++) {
    const int nibble = from[i / 2] >> (i % 2 * 4) & 15;
    to[i] = (uint8_t)(is_signed ? (nibble ^ 8) - 8 : nibble);
  }
}

static int has_4_bits(int32_t type) {
  return type == OCTET_U4 || type == OCTET_S4;
}

void octet_quantize_run(const struct octet_quantize *plan, const void *src, void *dst, int64_t axis,
                        int64_t inner, int64_t first, int64_t count) {
  if (!OCTET_IS_KERNEL(quantize_kernel, kernel_for(plan, inner))) {
    return;
  }
  if (!has_4_bits(plan->type)) {
    quantize_bytes(plan, src, dst, axis, inner, first, count);
    return;
  }
  uint8_t piece[PIECE];
  for (int64_t i = 0; i < count; i += PIECE) {
    const int64_t n = least(PIECE, count - i);
    quantize_bytes(plan, (const char *)src + 4 * i, piece, axis, inner, first + i, n);
    join_nibbles(piece, (uint8_t *)dst + i / 2, n);
  }
}

void octet_dequantize_run(const struct octet_quantize *plan, const void *src, void *dst, int64_t axis,
                          int64_t inner, int64_t first, int64_t count) {
  if (!OCTET_IS_KERNEL(dequantize_kernel, kernel_for(plan, inner))) {
    return;
  }
  if (!has_4_bits(plan->type)) {
    dequantize_bytes(plan, src, dst, axis, inner, first, count);
    return;
  }
  uint8_t piece[PIECE];
  for (int64_t i = 0; i < count; i += PIECE) {
    const int64_t n = least(PIECE, count - i);
    split_nibbles((const uint8_t *)src + i / 2, piece, n, plan->type == OCTET_S4);
    dequantize_bytes(plan, piece, (char *)dst + 4 * i, axis, inner, first + i, n);
  }
}

void octet_range_run(int32_t kernel, const void *src, int64_t count, float *range) {
  if (OCTET_IS_KERNEL(range_kernel, kernel)) {
    OCTET_KERNEL(range_kernel, kernel)(src, count, range);
  }
}

/* Scale and zero point of a range, as the law of dynamic quantize has them. */
static float range_scale(const float *range) {
  const float scale = (range[1] - range[0]) / 255;
  return scale == 0 ? 1 : scale;
}

static int32_t range_zero_point(const float *range, float scale) {
  return round_within(0 - range[0] / scale, 0, 255);
}

void octet_range_quantize_run(int32_t kernel, const float *range, const void *src, void *dst, int64_t count,
                              void *scale, void *zero_point) {
  if (!OCTET_IS_KERNEL(quantize_kernel, kernel)) {
    return;
  }
  const float s = range_scale(range);
  const int32_t z = range_zero_point(range, s);
  const float reciprocal = 1 / s;
  OCTET_KERNEL(quantize_kernel, kernel)(src, dst, count, &s, has_reciprocal(s) ? &reciprocal : 0, &z);
  if (scale != 0) {
    store_float(scale, 0, s);
    store_int(zero_point, 0, z);
  }
}

void octet_dynamic_quantize_run(int32_t kernel_of_range, int32_t kernel, const void *src, void *dst,
                                void *scales, void *zero_points, int64_t rows, int64_t columns) {
  if (!OCTET_IS_KERNEL(range_kernel, kernel_of_range)) {
    return;
  }
  for (int64_t row = 0; row < rows; row++) {
    const char *from = (const char *)src + 4 * row * columns;
    float range[2];
    octet_range_run(kernel_of_range, from, columns, range);
    octet_range_quantize_run(kernel, range, from, (char *)dst + row * columns, columns,
                             (char *)scales + 4 * row, (char *)zero_points + 4 * row);
  }
}
