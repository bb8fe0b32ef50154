/* Kernels inside of the library: the function type of each family, a number for each kernel, and the way from
   the number to the function. */
#ifndef OCTET_KERNELS_H
#define OCTET_KERNELS_H

#include "api.h"
#include "kernel_list.h"

/* Families: what a kernel of the list is called with. */

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
