/* AVX-512: tables of the columns of a right operand. */
#include "kernels.h"

#define KERNEL octet_s32_f32_pc_column_tables_1x16__avx512vnni
#include "column_tables.inc.h"
