// How a call is timed: repetitions are calibrated so that a sample is long against the clock's resolution,
// and of many samples the median or the least is taken, because a neighbour on the machine can only make a
// sample longer.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace bench {

inline double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Times of one call of run, in seconds, each the mean of a sample, after a warm-up; measured for about so
// many milliseconds, but at least five samples.
template <class Run>
std::vector<double> sample_call(Run &&run, double milliseconds) {
  constexpr double sample = 200e-6;
  long repetitions = 1;
  for (double warm = seconds(); seconds() - warm < milliseconds * 0.2e-3;) {
    double start = seconds();
    for (long i = 0; i < repetitions; i++) {
      run();
    }
    double took = seconds() - start;
    if (took < sample) {
      repetitions *= 2;
    }
  }
  std::vector<double> samples;
  for (double begin = seconds(); samples.size() < 5 || seconds() - begin < milliseconds * 1e-3;) {
    double start = seconds();
    for (long i = 0; i < repetitions; i++) {
      run();
    }
    samples.push_back((seconds() - start) / static_cast<double>(repetitions));
  }
  return samples;
}

// What a program may expect: their median.
template <class Run>
double time_call(Run &&run, double milliseconds) {
  return median(sample_call(run, milliseconds));
}

// What the machine can do: the least of them. A neighbour only ever makes a sample longer.
template <class Run>
double least_time(Run &&run, double milliseconds) {
  std::vector<double> samples = sample_call(run, milliseconds);
  return *std::min_element(samples.begin(), samples.end());
}

}  // namespace bench
