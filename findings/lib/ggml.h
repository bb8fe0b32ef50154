/* What findings call of libggml-base.so, and numbers to call it with. */
#ifndef FINDING_GGML_H
#define FINDING_GGML_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { F32 = 0, Q4_0 = 2, Q4_K = 12, MXFP4 = 39, NVFP4 = 40 };

struct context_params {
  size_t bytes;
  void *memory;
  bool without_data;
};

struct type_traits {
  const char *name;
  int64_t block;
  int64_t interleaved;
  size_t bytes;
  bool quantized;
  void (*to_float)(const void *blocks, float *values, int64_t count);
  void (*from_float)(const float *values, void *blocks, int64_t count);
};

const char *ggml_version(void);
const struct type_traits *ggml_get_type_traits(int type);
size_t ggml_row_size(int type, int64_t columns);
size_t ggml_quantize_chunk(int type, const float *values, void *blocks, int64_t start, int64_t rows,
                           int64_t columns, const float *importance);
void *ggml_init(struct context_params params);
void *ggml_new_tensor_2d(void *context, int type, int64_t columns, int64_t rows);
void *ggml_new_graph(void *context);
void *ggml_mul_mat(void *context, void *weights, void *rows);
void ggml_build_forward_expand(void *graph, void *tensor);
void *ggml_get_data(const void *tensor);
void *ggml_backend_reg_dev_get(void *registry, size_t index);
void *ggml_backend_reg_get_proc_address(void *registry, const char *name);
const char *ggml_backend_buft_name(void *buffer_type);
void *ggml_backend_cpu_buffer_type(void);
void *ggml_backend_alloc_ctx_tensors_from_buft(void *context, void *buffer_type);
void ggml_backend_tensor_set(void *tensor, const void *data, size_t offset, size_t size);
int ggml_backend_graph_compute(void *backend, void *graph);
void ggml_log_set(void (*log)(int level, const char *text, void *user), void *user);

/* For ggml_log_set. */
static inline void say_nothing(int level, const char *text, void *user) {
  (void)level, (void)text, (void)user;
}

/* The build that says it is the best for this CPU, as llama.cpp chooses. */
static inline void *best_build(int count, char **paths) {
  void *chosen = NULL;
  int highest = 0;
  for (int i = 0; i < count; i++) {
    void *build = dlopen(paths[i], RTLD_NOW);
    int (*score)(void) = build ? (int (*)(void))dlsym(build, "ggml_backend_score") : NULL;
    if (score && score() > highest) {
      highest = score();
      chosen = build;
    }
  }
  return chosen;
}

/* Numbers close to the normal distribution, the same on every machine: each a sum of twelve evenly
 * distributed ones. */
static inline void normal(uint64_t seed, float *values, size_t count, float deviation) {
  uint64_t state = seed;
  for (size_t i = 0; i < count; i++) {
    double sum = -6;
    for (int j = 0; j < 12; j++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      sum += (double)(state >> 40) / (1 << 24);
    }
    values[i] = (float)sum * deviation;
  }
}

#endif
