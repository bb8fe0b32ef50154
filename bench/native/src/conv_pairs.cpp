// Convolutions of liboctet and of oneDNN, both called from C, and 8-bit products in registers, alternating in
// one process: each round times one after the other, and what counts is the ratio of a round. A matrix
// product M x K x N is the convolution n1_KxMx1_ocN_k1s1p0. Reads the convolutions of a file of bench/shapes,
// one a line, or of standard input; a line may name the form that it is of. Operations count taps in the
// padding, so that a share of the limit may be above 1.
#include "loops.h"
#include "octet_conv.h"
#include "product.h"
#include "timing.h"

#include <cmath>
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
    "usage: conv-pairs [--rounds N] [--check] [FILE]\n"
    "  --rounds  pairs of samples for each case (default 60)\n"
    "  --check   compares the results instead of timing them; oneDNN's epilogue may differ by 1\n"
    "  FILE      cases, one a line: shape, or shape and form (default: standard input); without a form a "
    "shape\n"
    "            is timed as u8s8u8q and as s8s8s8q; lines that do not begin with n are left out\n";

template <class Run>
double sample(Run &&run, long repetitions) {
  double start = bench::seconds();
  for (long i = 0; i < repetitions; i++) {
    run();
  }
  return (bench::seconds() - start) / static_cast<double>(repetitions);
}

double part(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

// Results of 8 bits that are further apart than 1, sums that are not the same.
long differences(const bench::OctetConv &ours, const bench::Product &peer, const bench::Form &form) {
  const std::vector<uint8_t> &found = ours.results();
  if (form.destination == dnnl::memory::data_type::s32) {
    return std::memcmp(found.data(), peer.results(), found.size()) == 0 ? 0 : 1;
  }
  auto expected = static_cast<const uint8_t *>(peer.results());
  long count = 0;
  for (size_t i = 0; i < found.size(); i++) {
    int apart = form.destination == dnnl::memory::data_type::s8
                    ? static_cast<int8_t>(found[i]) - static_cast<int8_t>(expected[i])
                    : found[i] - expected[i];
    count += std::abs(apart) > 1 ? 1 : 0;
  }
  return count;
}

// Returns the ratio, or when comparing the number of differences.
double run(const std::string &shape, const std::string &word, int rounds, bool check) {
  bench::ConvShape sizes = bench::parse_conv(shape);
  bench::Form form = bench::parse_form(word);
  bench::Case peer = bench::make_conv(sizes, form);
  bench::OctetConv ours(sizes, form);
  ours.run();
  peer.product.run();
  if (check) {
    long count = differences(ours, peer.product, form);
    std::printf("%s %s: %ld differences, %s\n", shape.c_str(), word.c_str(), count, ours.kernel());
    return static_cast<double>(count);
  }
  // Samples of about 2 ms.
  double once = sample([&] { peer.product.run(); }, 20);
  auto repetitions = static_cast<long>(std::ceil(2e-3 / once));
  auto limit = bench::best_loop("dot");
  long turns = limit ? 1 + static_cast<long>(peer.operations / limit->operations) : 0;
  std::vector<double> ratios, shares, us, peer_us;
  for (int round = 0; round < rounds; round++) {
    double a = sample([&] { ours.run(); }, repetitions);
    double b = sample([&] { peer.product.run(); }, repetitions);
    double c = limit ? sample([&] { limit->run(turns); }, repetitions) : 0;
    shares.push_back(c / a);
    us.push_back(a * 1e6);
    peer_us.push_back(b * 1e6);
    ratios.push_back(b / a);
  }
  double median = part(ratios, 0.5);
  std::printf("%-32s %-8s %9.1f %9.1f %6.2f [%4.2f %4.2f] %6.2f %6.0f %8.3f  %s\n", shape.c_str(),
              word.c_str(), part(us, 0.5), part(peer_us, 0.5), median, part(ratios, 0.1), part(ratios, 0.9),
              part(peer_us, 0) / part(us, 0), peer.operations / part(us, 0.5) * 1e-3, part(shares, 0.5),
              ours.kernel());
  std::fflush(stdout);
  return median;
}

}  // namespace

int main(int count, char **arguments) {
  int rounds = 60;
  bool check = false;
  std::ifstream file;
  for (int i = 1; i < count; i++) {
    if (std::strcmp(arguments[i], "--rounds") == 0 && i + 1 < count && std::atoi(arguments[i + 1]) > 0) {
      rounds = std::atoi(arguments[++i]);
    } else if (std::strcmp(arguments[i], "--check") == 0) {
      check = true;
    } else if (arguments[i][0] != '-' && !file.is_open()) {
      file.open(arguments[i]);
    } else {
      std::fputs(usage, stderr);
      return 2;
    }
  }
  omp_set_num_threads(1);
  if (!check) {
    std::printf("%-32s %-8s %9s %9s %6s %11s %6s %6s %8s\n", "shape", "form", "octet us", "onednn us",
                "ratio", "[p10  p90]", "least", "GOPS", "of limit");
  }
  std::string line;
  double logarithms = 0, wrong = 0;
  int cases = 0;
  try {
    while (std::getline(file.is_open() ? static_cast<std::istream &>(file) : std::cin, line)) {
      std::istringstream words(line.substr(0, line.find('#')));
      std::string shape, form;
      words >> shape >> form;
      if (shape.empty() || shape[0] != 'n') {
        continue;
      }
      for (const std::string &each :
           form.empty() ? std::vector<std::string>{"u8s8u8q", "s8s8s8q"} : std::vector<std::string>{form}) {
        double result = run(shape, each, rounds, check);
        logarithms += std::log(result);
        wrong += result;
        cases++;
      }
    }
  } catch (const std::exception &e) {
    std::fprintf(stderr, "conv-pairs: %s\n", e.what());
    return 1;
  }
  if (check) {
    return wrong > 0 || cases == 0 ? 1 : 0;
  }
  std::printf("%d cases, geometric mean %.2f\n", cases, std::exp(logarithms / cases));
}
