/* Kernels inside of the library: the function type of each family, a number for each kernel, and the way from
   the number to the function. */
#ifndef OCTET_KERNELS_H
#define OCTET_KERNELS_H

#include "api.h"
#include "kernel_list.h"

/* Families: what a kernel of the list is called with. */
struct group_rows;
typedef void group_quantize(const struct octet_group_matmul *product, int32_t factor, const void *src,
                            int64_t src_stride, int32_t rows, const struct group_rows *to);
typedef void group_dynamic(const struct octet_group_matmul *product, const void *src, int64_t src_stride,
                           void *dst, int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns,
                           void *scratch);
typedef group_dynamic block_dynamic;
typedef void weight_only(const struct octet_group_matmul *product, const void *src, int64_t src_stride,
                         void *dst, int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns);
typedef weight_only block_weight_only;

/* octet_matmul_run, with the product's kernel chosen. */
typedef void matmul_kernel(const struct octet_matmul *product, const void *src, int64_t src_stride,
                           const float *row_scales, const int32_t *row_zero_points, void *dst,
                           int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns);

/* octet_epilogue_run, with its kernel chosen. */
typedef void epilogue_kernel(const struct octet_epilogue *epilogue, const void *sums, int64_t sums_stride,
                             const float *row_scales, const int32_t *row_zero_points, const int32_t *row_sums,
                             void *dst, int64_t dst_stride, int32_t rows, int32_t columns);

/* octet_matmul_pack, with the layout's kernel chosen. */
typedef void matmul_pack_kernel(const uint8_t *weights, int32_t type, int32_t transposed, int64_t stride,
                                int32_t k, int32_t first_column, int32_t columns, int8_t *packed,
                                int32_t *sums);

/* octet_conv3d_run, with the plan's kernel chosen. */
typedef void conv2d_kernel(const struct octet_conv2d *plan, const void *src, void *dst, int32_t depth,
                           int64_t first_frame, int32_t height, int32_t width, int32_t out_width,
                           int32_t first_line, int32_t lines, int32_t first_panel, int32_t panels,
                           void *scratch);

/* F32 from a product with neither zero points of rows nor of weights, bias or bounds; all its columns. Tables
   can be read for whole groups of 64. */
typedef void attention_kernel(const struct octet_matmul *product, const void *left, int64_t left_stride,
                              const void *scales, void *out, int64_t out_stride, int32_t rows);

/* What the tables of columns are made of. Scales and zero points of the columns may be NULL: the one of all.
 */
struct column_terms {
  const int32_t *sums;
  const void *scales;
  const void *zero_points;
  float scale;
  int32_t zero_point;
  /* Taken off the zero points: 128 where the packed bytes are less by so much. */
  int32_t shift;
  /* Of the left operand as U8, where all rows have one. */
  int32_t left_zero_point;
  int32_t k;
  float left_scale;
  float output_scale;
};

/* Tables of some columns of a right operand; returns whether a zero point is not 0. */
typedef int32_t column_tables_kernel(const struct column_terms *terms, int32_t columns, int32_t *offsets,
                                     int32_t *factors, int32_t *zero_points, float *multipliers);

/* F32 to integers, 4-bit ones in bytes. Parameters: one pair (pt), or one for each element (pc). Reciprocals
   of the scales where octet_quantize_reciprocals allows them, else NULL: true divisions. */
typedef void quantize_kernel(const void *src, void *dst, int64_t count, const float *scales,
                             const float *reciprocals, const int32_t *zero_points);

/* Integers, 4-bit ones in bytes, to F32. Parameters: one pair (pt), or one for each element (pc). */
typedef void dequantize_kernel(const void *src, void *dst, int64_t count, const float *scales,
                               const int32_t *zero_points);

/* The least and the greatest of floats and 0; NaN and NaN where a float is NaN. */
typedef void range_kernel(const void *src, int64_t count, float *range);

/* S32 to 8 bits. One multiplier and bias (pt), or one for each element (pc). */
typedef void requantize_kernel(const struct octet_requantize *plan, const void *src, void *dst, int64_t count,
                               const float *multipliers, const int32_t *bias);

/* octet_binary_run, with the plan's kernel chosen. */
typedef void binary_kernel(const struct octet_binary *plan, const void *left, int64_t left_row,
                           int64_t left_step, const void *right, int64_t right_row, int64_t right_step,
                           void *dst, int64_t rows, int64_t columns);

/* octet_pool_run, with the plan's kernel chosen. */
typedef void pool_kernel(const struct octet_pool *plan, const void *src, void *dst, int32_t height,
                         int32_t width, int32_t channels, int32_t out_height, int32_t out_width,
                         int64_t first_line, int64_t lines);

/* 256 bytes, indexed by bytes; dst may be src. */
typedef void lookup_kernel(const uint8_t *table, const void *src, void *dst, int64_t count);

/* Rows of bytes to where they share none with the source. */
typedef void copy_kernel(const void *src, int64_t src_row, void *dst, int64_t dst_row, int64_t rows,
                         int64_t bytes);

/* octet_transpose_run, with its kernel chosen. */
typedef void transpose_kernel(const void *src, int64_t src_row, void *dst, int64_t dst_row, int64_t rows,
                              int64_t columns);

/* Where the pixels of a resized line lie in a line of the image. */
struct resize_columns;

/* A line of nearest pixels. */
typedef void nearest_kernel(const struct resize_columns *columns, const void *src, void *dst);

/* A line between two lines, which have weights. */
typedef void linear_kernel(const struct resize_columns *columns, const void *upper, const void *lower,
                           float upper_weight, float lower_weight, void *dst);

/* octet_softmax_run, with its kernel chosen. */
typedef void softmax_kernel(float scale, const void *src, const void *mask, void *dst, int64_t rows,
                            int64_t columns);

/* octet_layer_norm_run, with the plan's kernel chosen. */
typedef void layer_norm_kernel(const struct octet_layer_norm *plan, const void *src, const void *residual,
                               void *dst, int64_t rows);

/* octet_gelu_run, with its kernel chosen. */
typedef void gelu_kernel(const void *src, void *dst, int64_t count);

/* Arguments of octet_sgemm_run. */
struct sgemm_call {
  const void *left;
  int64_t left_row;
  const void *right;
  int64_t right_row;
  void *dst;
  int64_t dst_row;
  int64_t k;
  int64_t first_row;
  int64_t rows;
  int64_t first_column;
  int64_t columns;
  float *scratch;
};

/* octet_sgemm_run, with the plan's kernel chosen. */
typedef void sgemm_kernel(const struct octet_sgemm *plan, const struct sgemm_call *call);

/* octet_sgemm_pack, for that kernel. */
typedef void sgemm_pack_kernel(const struct octet_sgemm *plan, const void *right, int64_t right_row,
                               float *dst);

/* Prototypes, from the list. */
#define OCTET_PROTOTYPE(family, name) family name;
#define OCTET_PROTOTYPES(family, kernels) OCTET_EACH(kernels, OCTET_PROTOTYPE)
OCTET_FAMILIES(OCTET_PROTOTYPES)
#undef OCTET_PROTOTYPES
#undef OCTET_PROTOTYPE

/* KERNEL_octet_...: the number of a kernel, its place in the list. Those of a family are from FIRST_family to
   before END_family. */
#define OCTET_NUMBER(family, name) KERNEL_##name,
#define OCTET_NUMBERS(family, kernels)                                                                  \
  FIRST_##family, BEFORE_##family = FIRST_##family - 1, OCTET_EACH(kernels, OCTET_NUMBER) END_##family, \
                  LAST_##family = END_##family - 1,
enum { OCTET_FAMILIES(OCTET_NUMBERS) KERNEL_COUNT };
#undef OCTET_NUMBERS
#undef OCTET_NUMBER

/* Those that are left out have the number that none has: tables by tier need no others. */
#define OCTET_NO_NUMBER(family, name) KERNEL_##name = -1,
#define OCTET_NO_NUMBERS(family, kernels) OCTET_EACH_LEFT_OUT(kernels, OCTET_NO_NUMBER)
enum { OCTET_FAMILIES(OCTET_NO_NUMBERS) NO_KERNEL = -1 };
#undef OCTET_NO_NUMBERS
#undef OCTET_NO_NUMBER

/* Any kernel; cast to the type of its family before it is called. */
typedef void any_kernel(void);

extern any_kernel *const octet_kernels[];

static inline int is_number_between(int32_t number, int32_t first, int32_t end) {
  return (uint32_t)number - (uint32_t)first < (uint32_t)(end - first);
}

/* Whether a caller's number is that of a kernel of a family. */
#define OCTET_IS_KERNEL(family, number) is_number_between(number, FIRST_##family, END_##family)

/* The kernel of such a number. */
#define OCTET_KERNEL(family, number) ((family *)octet_kernels[number])

#endif
