/* Every kernel of the library, once: prototypes, the table that calls them, their names and the check of the
   shipped symbols are made of this list. X(family, name); a family is the type of its functions, in
   kernels.h. Names: native/README.md. */
#ifndef OCTET_KERNEL_LIST_H
#define OCTET_KERNEL_LIST_H

#define OCTET_BASELINE_KERNELS(X)

#if defined(__x86_64__)
#define OCTET_X86_KERNELS(X)
#else
#define OCTET_X86_KERNELS(X)
#endif

#define OCTET_KERNELS(X)    \
  OCTET_BASELINE_KERNELS(X) \
  OCTET_X86_KERNELS(X)

#endif
