// The words of a case, as bench/shapes/README.md defines them: "128x768x768", "n1_64x56x56_oc64_k3s1p1_dw",
// "u8s8u8q", "f32s4g32f32".
#pragma once

#include <dnnl.hpp>

#include <cstdint>
#include <string>

namespace bench {

struct MatMulShape {
  int64_t m, k, n;
};

struct ConvShape {
  int64_t batch, channels, height, width, out_channels, kernel, stride, padding, dilation, groups;

  int64_t out(int64_t in) const {
    return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  }
};

// Source, weights and destination types; q: scales per channel, bias and clamp. With a group size: rows of
// F32 that are quantized on the fly, which is left to oneDNN's caller, so that its source is S8 with a scale
// for each row and group of so many along K; the weights have one for each group and column.
struct Form {
  dnnl::memory::data_type source, weights, destination;
  bool requantized;
  int64_t group;
};

// All throw std::invalid_argument with the word that they cannot read.
MatMulShape parse_matmul(const std::string &word);
ConvShape parse_conv(const std::string &word);
Form parse_form(const std::string &word);

}  // namespace bench
