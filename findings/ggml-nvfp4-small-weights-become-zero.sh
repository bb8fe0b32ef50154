#!/usr/bin/env bash
# What: ggml's quantizer for NVFP4 turns small weights into zeros, and no result or message says so.
# Version: ggml 0.25.1, in @node-llama-cpp/linux-x64 3.22.1 (npm), ggml_quantize_chunk.
# A reader expects: NVFP4 has a float factor for a tensor, which brings its weights into the range of the 8-bit scales of
# groups of 16; or, as with ggml's other types of 4 bits, an error that does not depend on how large the weights are.
# Seen: the lines that the script expects, for normally distributed weights: the error (root mean square, of that of the
# weights) is 10 % at standard deviation 1, 58 % at 0.003 with half of the weights 0, and at 0.001 all weights are 0. Q4_0 and
# MXFP4 stay at 8 % and at 11 or 12 %. There is no factor beside the blocks: a group whose largest magnitude is below about
# 0.00586, 6 times half of the smallest scale, gets scale 0.
# Why it matters: a tensor of small weights is lost without an error; who quantizes to this type has to bring the weights
# into its range, and to keep the factor in a place of their own.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/ggml" \
  'ggml 0.25.1
nvfp4, deviation 1: error 10 %, 6 % are 0
nvfp4, deviation 0.02: error 10 %, 6 % are 0
nvfp4, deviation 0.003: error 58 %, 50 % are 0
nvfp4, deviation 0.001: error 100 %, 100 % are 0
mxfp4, deviation 1: error 12 %, 8 % are 0
mxfp4, deviation 0.02: error 11 %, 7 % are 0
mxfp4, deviation 0.003: error 12 %, 6 % are 0
mxfp4, deviation 0.001: error 11 %, 8 % are 0
q4_0, deviation 1: error 8 %, 10 % are 0
q4_0, deviation 0.02: error 8 %, 10 % are 0
q4_0, deviation 0.003: error 8 %, 10 % are 0
q4_0, deviation 0.001: error 8 %, 10 % are 0' <<'C'
#include <ggml.h>
#include <math.h>
#include <stdio.h>

enum { COUNT = 4096 };

int main(void) {
  static const int types[] = {NVFP4, MXFP4, Q4_0};
  static const float deviations[] = {1, 0.02f, 0.003f, 0.001f};
  static float weights[COUNT], back[COUNT];
  static unsigned char blocks[COUNT];
  printf("ggml %s\n", ggml_version());
  for (int t = 0; t < 3; t++) {
    const struct type_traits *type = ggml_get_type_traits(types[t]);
    for (int d = 0; d < 4; d++) {
      normal(1, weights, COUNT, deviations[d]);
      ggml_quantize_chunk(types[t], weights, blocks, 0, 1, COUNT, NULL);
      type->to_float(blocks, back, COUNT);
      double errors = 0, squares = 0;
      int zeros = 0;
      for (int i = 0; i < COUNT; i++) {
        errors += pow((double)back[i] - weights[i], 2);
        squares += pow(weights[i], 2);
        zeros += back[i] == 0;
      }
      printf("%s, deviation %g: error %.0f %%, %.0f %% are 0\n", type->name, deviations[d],
             100 * sqrt(errors / squares), 100.0 * zeros / COUNT);
    }
  }
  return 0;
}
C
