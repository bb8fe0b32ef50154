// The peer onednn-c: what oneDNN itself does, called without Java. Reads cases, one a line ("matmul
// 128x768x768 u8s8u8q 2": op, shape, form, OpenMP threads), from a file or standard input, and writes a row
// of results.csv for each, after a line that starts with # and names oneDNN's implementation. A case that
// oneDNN refuses gets a line that starts with ! instead.
#include "product.h"
#include "timing.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>

// libgomp's; declared here because the compiler's own OpenMP, another library, is not wanted.
extern "C" void omp_set_num_threads(int);

namespace {

constexpr const char *usage =
    "usage: onednn-c [--ms MILLISECONDS] [--check] [FILE]\n"
    "  --ms     time for each case (default 150)\n"
    "  --check  compares the results with plain loops instead of timing them\n"
    "  FILE     cases, one a line: op shape form threads (default: standard input)\n";

bool run(const std::string &line, bool check, double milliseconds) {
  std::istringstream words(line);
  std::string op, shape, form;
  int threads = 0;
  words >> op >> shape >> form >> threads;
  if (!words || threads < 1) {
    throw std::invalid_argument("expected op, shape, form and threads, got \"" + line + "\"");
  }
  omp_set_num_threads(threads);
  bench::Case product = bench::make_case(op, shape, form);
  std::printf("# %s: %s\n", line.c_str(), bench::described(product).c_str());
  bool good = true;
  if (check) {
    long differences = product.differences(product.product);
    good = differences == 0 || (!product.exact && op == "conv");
    std::printf("# %s: %ld differences%s\n", line.c_str(), differences, good ? "" : " FAILED");
  } else {
    double time = bench::time_call([&] { product.product.run(); }, milliseconds);
    std::printf("onednn-c,%s,%s,%s,%d,%.3f,%.2f\n", op.c_str(), shape.c_str(), form.c_str(), threads,
                time * 1e6, product.operations / time * 1e-9);
  }
  std::fflush(stdout);
  return good;
}

}  // namespace

int main(int count, char **words) {
  double milliseconds = 150;
  bool check = false;
  std::ifstream file;
  for (int i = 1; i < count; i++) {
    if (!std::strcmp(words[i], "--ms") && i + 1 < count) {
      milliseconds = std::atof(words[++i]);
    } else if (!std::strcmp(words[i], "--check")) {
      check = true;
    } else if (words[i][0] != '-' && !file.is_open()) {
      file.open(words[i]);
      if (!file) {
        std::fprintf(stderr, "cannot open %s\n", words[i]);
        return 2;
      }
    } else {
      std::fputs(usage, stderr);
      return 2;
    }
  }
  std::istream &in = file.is_open() ? file : std::cin;
  bool good = true;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    try {
      good &= run(line, check, milliseconds);
    } catch (const dnnl::error &refused) {
      std::printf("! %s: %s\n", line.c_str(), refused.what());
      good &= !check;
    } catch (const bench::Refused &refused) {
      std::printf("! %s: %s\n", line.c_str(), refused.what());
    } catch (const std::exception &wrong) {
      std::fprintf(stderr, "%s: %s\n", line.c_str(), wrong.what());
      return 2;
    }
  }
  return good ? 0 : 1;
}
