/* AVX-512: softmax, layer norm and GELU. */
#include "kernels.h"
#include "vector__avx512vnni.h"

#define KERNEL(name) name##_1x64__avx512vnni
#include "exponential.inc.h"

#include "row_sums.inc.h"

#include "gelu.inc.h"
#include "layer_norm.inc.h"
#include "softmax.inc.h"
