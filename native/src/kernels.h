/* Kernels inside of the library: the function type of each family, a number for each kernel, and the way from
   the number to the function. */
#ifndef OCTET_KERNELS_H
#define OCTET_KERNELS_H

#include "api.h"
#include "kernel_list.h"

/* Families: what a kernel of the list is called with. */

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

/* The sum of two quantized tensors; dst may be an operand. */
typedef void add_kernel(const struct octet_add *plan, const void *left, const void *right, void *dst,
                        int64_t count);

/* 256 bytes, indexed by bytes; dst may be src. */
typedef void lookup_kernel(const uint8_t *table, const void *src, void *dst, int64_t count);

/* Prototypes, from the list. */
#define OCTET_PROTOTYPE(family, name) family name;
OCTET_KERNELS(OCTET_PROTOTYPE)
#undef OCTET_PROTOTYPE

/* KERNEL_octet_...: the number of a kernel, its place in the list. */
#define OCTET_NUMBER(family, name) KERNEL_##name,
enum { OCTET_KERNELS(OCTET_NUMBER) KERNEL_COUNT };
#undef OCTET_NUMBER

/* Any kernel; cast to the type of its family before it is called. */
typedef void any_kernel(void);

extern any_kernel *const octet_kernels[];

#endif
