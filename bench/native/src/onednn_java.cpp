// oneDNN for Java, so that it takes turns with Octet in one process: library bench-onednn. Calls repeat in C,
// as a program in C would make them.
#include "product.h"

#include <cstdio>
#include <exception>

// libgomp's; declared here because the compiler's own OpenMP, another library, is not wanted.
extern "C" void omp_set_num_threads(int);

namespace {

struct Held {
  bench::Case product;
  int threads;
};

}  // namespace

extern "C" {

// A case by its words, or null where oneDNN refuses it. The text gets the name of the implementation with
// notes, or why there is none.
void *octet_bench_onednn_open(const char *op, const char *shape, const char *form, int threads, char *text,
                              long size) {
  try {
    omp_set_num_threads(threads);
    Held *held = new Held{bench::make_case(op, shape, form), threads};
    std::snprintf(text, static_cast<size_t>(size), "%s", bench::described(held->product).c_str());
    return held;
  } catch (const std::exception &refused) {
    std::snprintf(text, static_cast<size_t>(size), "%s", refused.what());
    return nullptr;
  }
}

// So many times; 0 if oneDNN fails.
int octet_bench_onednn_run(void *held, long times) {
  auto *mine = static_cast<Held *>(held);
  try {
    omp_set_num_threads(mine->threads);
    for (long i = 0; i < times; i++) {
      mine->product.product.run();
    }
    return 1;
  } catch (const std::exception &) {
    return 0;
  }
}

// Results that differ from plain loops, see Product::differences; runs once.
long octet_bench_onednn_differences(void *held) {
  auto *mine = static_cast<Held *>(held);
  return mine->product.differences(mine->product.product);
}

void octet_bench_onednn_close(void *held) {
  delete static_cast<Held *>(held);
}
}
