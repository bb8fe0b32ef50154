#include "product.h"

#include <stdexcept>

namespace bench {

Case make_case(const std::string &op, const std::string &shape, const std::string &form) {
  if (op == "matmul") {
    return make_matmul(parse_matmul(shape), parse_form(form));
  }
  if (op == "conv") {
    return make_conv(parse_conv(shape), parse_form(form));
  }
  throw std::invalid_argument("unknown op \"" + op + "\"");
}

bool exact(const std::string &implementation) {
  for (const char *word : {"vnni", "avx10", "amx"}) {
    if (implementation.find(word) != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace bench
