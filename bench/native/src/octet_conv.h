// A convolution of liboctet, prepared as Octet prepares it, on the operands of the oneDNN case beside it.
#pragma once

#include "shape.h"

#include <octet.h>

#include <cstdint>
#include <vector>

namespace bench {

class OctetConv {
 public:
  // On the highest tier of this CPU. Throws std::invalid_argument for forms that are not 8-bit.
  OctetConv(const ConvShape &shape, const Form &form);

  void run();

  // The name of the kernel.
  const char *kernel() const;
  // The results, of the destination's type.
  const std::vector<uint8_t> &results() const {
    return destination_;
  }

 private:
  void pointwise(const ConvShape &shape, int tier, int source, int destination);
  void windows(const ConvShape &shape, int tier, int source, int destination);

  octet_conv2d conv_ = {};
  octet_matmul product_ = {};
  bool pointwise_;
  int32_t pixels_;
  int32_t height_, width_, out_height_, out_width_;
  std::vector<uint8_t> source_, destination_, packed_, scratch_;
  std::vector<int8_t> weights_;
  std::vector<int32_t> offsets_, skipped_;
  std::vector<float> multipliers_;
};

}  // namespace bench
