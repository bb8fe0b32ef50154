/* AVX2: tables of the columns of a right operand. */
#include "kernels.h"

#define KERNEL octet_s32_f32_pc_column_tables_1x8__avx2
#include "column_tables.inc.h"
