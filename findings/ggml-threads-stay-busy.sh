#!/usr/bin/env bash
# What: a thread of ggml keeps its core busy for long after the product that it worked on is done and returned.
# Version: ggml 0.25.1, in @node-llama-cpp/linux-x64 3.22.1 (npm), CPU, a pool of two threads with ggml's own parameters.
# A reader expects: threads look for more work for some microseconds, and sleep when the process has nothing to compute.
# Seen: the lines that the script expects. A product of 64x64 is over in microseconds, and the process, whose main thread
# sleeps, then takes some 170 ms of processor time (poll is 50; Zen 4). A pool that is paused takes none, and wakes by itself
# for the next product.
# Why it matters: what else runs on these cores waits for them: other libraries of the process, and further pools of ggml.
# In a benchmark, not by this script, six pools of two threads on two cores took 824 ms for products that take 20 with one
# pool; and whoever measures ggml beside something else by turns measures the other one wrongly, unless the pool is paused.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/ggml" \
  'ggml 0.25.1, poll 50
busy for more than 10 ms after a product: yes
busy for more than 10 ms after a product and a pause: no
busy for more than 10 ms after the next product: yes' <<'C'
#define _GNU_SOURCE
#include <ggml.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64 };

struct pool_params {
  bool processors[512];
  int threads;
  int priority;
  uint32_t poll;
  bool strict;
  bool paused;
};

void ggml_threadpool_params_init(struct pool_params *params, int threads);

static void *cpu, *backend, *graph;

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

/* Computes, and lets half a second pass. */
static void after_product(void *pool_to_pause, const char *what) {
  if (ggml_backend_graph_compute(backend, graph) != 0) {
    exit(1);
  }
  if (pool_to_pause) {
    ((void (*)(void *))dlsym(cpu, "ggml_threadpool_pause"))(pool_to_pause);
  }
  double before = milliseconds();
  usleep(500000);
  double busy = milliseconds() - before;
  fprintf(stderr, "%.1f ms\n", busy);
  printf("busy for more than 10 ms after %s: %s\n", what, busy > 10 ? "yes" : "no");
}

int main(int count, char **arguments) {
  cpu = best_build(count - 1, arguments + 1);
  if (!cpu) {
    fprintf(stderr, "no build of ggml runs on this CPU\n");
    return 77;
  }
  struct pool_params params;
  ggml_threadpool_params_init(&params, 2);
  void *pool = ((void *(*)(const struct pool_params *))dlsym(cpu, "ggml_threadpool_new"))(&params);
  backend = ((void *(*)(void))dlsym(cpu, "ggml_backend_cpu_init"))();
  ((void (*)(void *, int))dlsym(cpu, "ggml_backend_cpu_set_n_threads"))(backend, 2);
  ((void (*)(void *, void *))dlsym(cpu, "ggml_backend_cpu_set_threadpool"))(backend, pool);
  void *context = ggml_init((struct context_params){1 << 20, NULL, true});
  void *x = ggml_new_tensor_2d(context, F32, SIZE, SIZE);
  void *w = ggml_new_tensor_2d(context, F32, SIZE, SIZE);
  graph = ggml_new_graph(context);
  ggml_build_forward_expand(graph, ggml_mul_mat(context, w, x));
  ggml_backend_alloc_ctx_tensors_from_buft(context, ggml_backend_cpu_buffer_type());
  static float values[SIZE * SIZE];
  normal(1, values, SIZE * SIZE, 1);
  ggml_backend_tensor_set(x, values, 0, sizeof values);
  ggml_backend_tensor_set(w, values, 0, sizeof values);

  printf("ggml %s, poll %u\n", ggml_version(), params.poll);
  after_product(NULL, "a product");
  after_product(pool, "a product and a pause");
  after_product(NULL, "the next product");
  return 0;
}
C
