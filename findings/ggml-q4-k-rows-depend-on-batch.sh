#!/usr/bin/env bash
# What: equal rows in one product with Q4_K weights in ggml have different results, by their place among the rows.
# Version: ggml 0.25.1, in @node-llama-cpp/linux-x64 3.22.1 (npm), CPU, one thread, weights in memory of type CPU_REPACK.
# A reader expects: equal rows times the same weights are equal, and a row's result is that of the row alone; so it is in
# memory of type CPU, and for Q4_0 in both.
# Seen: the lines that the script expects; a letter is a row's result, A that of the row alone. With Q4_K in CPU_REPACK rows
# that fill a group of four have another result (B) than those left over: one row A, four rows B B B B, five rows B B B B A.
# 186 of 256 outputs differ, by 1.3e-7 of all outputs (root mean square), with each of the builds haswell, skylakex, cannonlake,
# cascadelake, icelake, cooperlake and zen4.
# Why it matters: what a token gets depends on how many others are computed with it, so that a text read in one batch and the
# same text token by token need not be equal bit by bit; a test that compares the two needs a tolerance.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/ggml" \
  'ggml 0.25.1
q4_0 in CPU: A, A A A A, A A A A A, A A A A A A A A A
q4_0 in CPU_REPACK: A, A A A A, A A A A A, A A A A A A A A A
q4_K in CPU: A, A A A A, A A A A A, A A A A A A A A A
q4_K in CPU_REPACK: A, B B B B, B B B B A, B B B B B B B B A
B differs from A in most outputs, by less than 1e-6 of all' <<'C'
#include <dlfcn.h>
#include <ggml.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 1024, OUTPUTS = 256, MOST = 9 };

static void *backend;
static float weights[COLUMNS * OUTPUTS], row[COLUMNS];
static float results[26][OUTPUTS];

static void *context(void) {
  return ggml_init((struct context_params){1 << 20, NULL, true});
}

/* Multiplies so many equal rows by the weights, which makes rows of outputs. */
static const float *product(int type, const void *blocks, void *memory, int rows) {
  void *of_weights = context();
  void *w = ggml_new_tensor_2d(of_weights, type, COLUMNS, OUTPUTS);
  ggml_backend_alloc_ctx_tensors_from_buft(of_weights, memory);
  ggml_backend_tensor_set(w, blocks, 0, OUTPUTS * ggml_row_size(type, COLUMNS));
  void *of_rows = context();
  void *x = ggml_new_tensor_2d(of_rows, F32, COLUMNS, rows);
  void *y = ggml_mul_mat(of_rows, w, x);
  void *graph = ggml_new_graph(of_rows);
  ggml_build_forward_expand(graph, y);
  ggml_backend_alloc_ctx_tensors_from_buft(of_rows, ggml_backend_cpu_buffer_type());
  for (int i = 0; i < rows; i++) {
    ggml_backend_tensor_set(x, row, i * sizeof row, sizeof row);
  }
  if (ggml_backend_graph_compute(backend, graph) != 0) {
    exit(1);
  }
  return ggml_get_data(y);
}

/* The letters of the results of 1, 4, 5 and 9 rows; returns how many letters there are. */
static int letters(int type, void *memory) {
  static const int counts[] = {1, 4, 5, MOST};
  static unsigned char blocks[sizeof weights];
  ggml_quantize_chunk(type, weights, blocks, 0, OUTPUTS, COLUMNS, NULL);
  printf("%s in %s:", ggml_get_type_traits(type)->name, ggml_backend_buft_name(memory));
  int known = 0;
  for (int c = 0; c < 4; c++) {
    const float *y = product(type, blocks, memory, counts[c]);
    for (int i = 0; i < counts[c]; i++, y += OUTPUTS) {
      int letter = 0;
      while (letter < known && memcmp(results[letter], y, sizeof results[0]) != 0) {
        letter++;
      }
      if (letter == known) {
        memcpy(results[known++], y, sizeof results[0]);
      }
      printf(" %c%s", 'A' + letter, i + 1 == counts[c] && c < 3 ? "," : "");
    }
  }
  printf("\n");
  return known;
}

int main(int count, char **arguments) {
  void *cpu = best_build(count - 1, arguments + 1);
  if (!cpu) {
    fprintf(stderr, "no build of ggml runs on this CPU\n");
    return 77;
  }
  ggml_log_set(say_nothing, NULL);
  void *registry = ((void *(*)(void))dlsym(cpu, "ggml_backend_cpu_reg"))();
  void *others = ggml_backend_reg_get_proc_address(registry, "ggml_backend_dev_get_extra_bufts");
  void **type = ((void **(*)(void *))others)(ggml_backend_reg_dev_get(registry, 0));
  while (*type && strcmp(ggml_backend_buft_name(*type), "CPU_REPACK") != 0) {
    type++;
  }
  bool packs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("f16c");
  if (!*type || !packs) {
    fprintf(stderr, "no build of ggml packs Q4_K anew for this CPU\n");
    return 77;
  }
  backend = ((void *(*)(void))dlsym(cpu, "ggml_backend_cpu_init"))();
  ((void (*)(void *, int))dlsym(cpu, "ggml_backend_cpu_set_n_threads"))(backend, 1);
  normal(1, weights, COLUMNS * OUTPUTS, 0.02f);
  normal(2, row, COLUMNS, 1);

  printf("ggml %s\n", ggml_version());
  letters(Q4_0, ggml_backend_cpu_buffer_type());
  letters(Q4_0, *type);
  letters(Q4_K, ggml_backend_cpu_buffer_type());
  if (letters(Q4_K, *type) > 1) {
    int different = 0;
    double differences = 0, squares = 0;
    for (int i = 0; i < OUTPUTS; i++) {
      different += results[1][i] != results[0][i];
      differences += pow((double)results[1][i] - results[0][i], 2);
      squares += pow(results[0][i], 2);
    }
    fprintf(stderr, "%d of %d outputs differ, by %.1e of all\n", different, OUTPUTS, sqrt(differences / squares));
    printf("B differs from A in %s outputs, by %s than 1e-6 of all\n", different > OUTPUTS / 2 ? "most" : "some",
           sqrt(differences / squares) < 1e-6 ? "less" : "more");
  }
  return 0;
}
C
