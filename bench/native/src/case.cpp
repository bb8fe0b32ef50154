#include "product.h"

#include <stdexcept>

namespace bench {

namespace {

Case make(const std::string &op, const std::string &shape, const Form &form) {
  if (op == "matmul") {
    MatMulShape parsed = parse_matmul(shape);
    return form.group > 0 ? make_group_matmul(parsed, form) : make_matmul(parsed, form);
  }
  if (op == "conv") {
    if (form.group > 0) {
      throw std::invalid_argument("no conv with scales per group");
    }
    return make_conv(parse_conv(shape), form);
  }
  throw std::invalid_argument("unknown op \"" + op + "\"");
}

bool has_wide_sums(const std::string &implementation) {
  for (const char *word : {"vnni", "avx10", "amx"}) {
    if (implementation.find(word) != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

Case make_case(const std::string &op, const std::string &shape, const std::string &form) {
  using dt = dnnl::memory::data_type;
  Form parsed = parse_form(form);
  Case made = make(op, shape, parsed);
  // Two products of 8 and 4 bits fit into 16.
  made.exact =
      parsed.source == dt::f32 || parsed.weights == dt::s4 || has_wide_sums(made.product.implementation());
  return made;
}

std::string described(const Case &made) {
  return made.product.implementation() + made.note + (made.exact ? "" : " (not exact)");
}

}  // namespace bench
