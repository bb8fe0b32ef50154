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
typedef void weight_only(const struct octet_group_matmul *product, const void *src, int64_t src_stride,
                         void *dst, int64_t dst_stride, int32_t rows, int32_t first_column, int32_t columns);

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
