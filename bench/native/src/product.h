// A matmul or convolution of oneDNN, compiled and ready to run, the way a careful C program would hold it:
// weights packed beforehand in the layout that oneDNN asks for, user scratchpad, arguments bound once. Only
// run() is timed.
#pragma once

#include "shape.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

// Operands by index. Weights have 7 bits, so that an implementation whose sums of two products saturate at 16
// bits (no VNNI) returns the right sums too, or the 4 bits of S4; sources have the whole range.
int source_integer(dnnl::memory::data_type type, int64_t index);
int weight_integer(dnnl::memory::data_type type, int64_t index);
float source_real(int64_t index);
float weight_real(int64_t index);
int bias_integer(int64_t channel);

constexpr float source_scale = 0.02f;
float weight_scale(int64_t channel);
// Spreads sums of so many products over the range of 8 bits. Zero points are 0, so that the clamp is that to
// the range of the type (a ReLU where it is unsigned), which is all that a requantizing peer must be able to
// do.
float destination_scale(int64_t products);

class Product {
 public:
  explicit Product(const Form &form);

  // Before the descriptor is made: the attributes; the mask names the channel dimensions of the weights.
  dnnl::primitive_attr attributes(int channel_mask);

  // Then the operands, in the plain layouts of the descriptors.
  void source(const dnnl::memory::desc &plain);
  void weights(const dnnl::memory::desc &plain, const dnnl::memory::desc &packed);
  void destination(const dnnl::memory::desc &plain);
  // With scales per group: those of an operand, row-major, by index.
  void group_scales(int operand, const dnnl::memory::dims &dims, const std::function<float(int64_t)> &scale);
  // With a requantized form: bias and scales; products: the terms of one sum.
  void epilogue(int64_t channels, int64_t products, const dnnl::memory::desc &bias);
  void finish(const dnnl::primitive &primitive, const dnnl::memory::desc &scratchpad,
              const char *implementation);

  const dnnl::engine &engine() const {
    return engine_;
  }
  const std::string &implementation() const {
    return implementation_;
  }

  void run();

  // The results, as the destination's descriptor lays them out.
  const void *results() const {
    return destination_.get_data_handle();
  }

  // Compares every result with plain loops: sum(index) is the exact sum of products of an output element,
  // channel(index) its channel. Returns the number of results that differ: integers at all, 8-bit results of
  // oneDNN's own epilogue by more than 1, floats by more than the bound for so many products.
  long differences(int64_t elements, int64_t products, const std::function<double(int64_t)> &sum,
                   const std::function<int64_t(int64_t)> &channel);

 private:
  dnnl::memory &bind(int argument, dnnl::memory memory);

  Form form_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
  dnnl::memory destination_;
  float destination_scale_ = 1;
  std::string implementation_;
};

// What the two kinds of product have in common for main.
struct Case {
  Product product;
  double operations;
  std::function<long(Product &)> differences;
  // What the implementation's name does not say: ", " and words, or nothing.
  std::string note;
  // Whether its integers are exact; without VNNI sums of two products with 8-bit weights are not, and
  // oneDNN's signed convolution halves the weights.
  bool exact;
};

// What oneDNN cannot do, or by its reference implementation only: plain loops, some thousand times slower.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Case make_matmul(const MatMulShape &shape, const Form &form);
// Rows in S8 times weights, both with scales per group; N has to be even for S4.
Case make_group_matmul(const MatMulShape &shape, const Form &form);
Case make_conv(const ConvShape &shape, const Form &form);
// By their words; throws std::invalid_argument with the word that it cannot read, and Refused.
Case make_case(const std::string &op, const std::string &shape, const std::string &form);

// The name of the implementation and what has to be said beside it.
std::string described(const Case &made);

}  // namespace bench
