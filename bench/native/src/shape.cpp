// Reads the words of a case; one regular expression a word.
#include "shape.h"

#include <regex>
#include <stdexcept>

namespace bench {

namespace {

std::smatch match(const std::string &word, const char *pattern) {
  std::smatch found;
  if (!std::regex_match(word, found, std::regex(pattern))) {
    throw std::invalid_argument("cannot read \"" + word + "\"");
  }
  return found;
}

int64_t number(const std::smatch &found, size_t group, int64_t absent) {
  return found[group].matched ? std::stoll(found[group].str()) : absent;
}

dnnl::memory::data_type type(const std::string &name) {
  using dt = dnnl::memory::data_type;
  return name == "u8"    ? dt::u8
         : name == "s8"  ? dt::s8
         : name == "s4"  ? dt::s4
         : name == "s32" ? dt::s32
                         : dt::f32;
}

}  // namespace

MatMulShape parse_matmul(const std::string &word) {
  std::smatch found = match(word, "(\\d+)x(\\d+)x(\\d+)");
  return {number(found, 1, 0), number(found, 2, 0), number(found, 3, 0)};
}

ConvShape parse_conv(const std::string &word) {
  std::smatch found = match(
      word, "n(\\d+)_(\\d+)x(\\d+)x(\\d+)_oc(\\d+)_k(\\d+)s(\\d+)p(\\d+)(?:d(\\d+))?(?:g(\\d+))?(_dw)?");
  int64_t channels = number(found, 2, 0);
  return {number(found, 1, 0), channels,
          number(found, 3, 0), number(found, 4, 0),
          number(found, 5, 0), number(found, 6, 0),
          number(found, 7, 0), number(found, 8, 0),
          number(found, 9, 1), found[11].matched ? channels : number(found, 10, 1)};
}

Form parse_form(const std::string &word) {
  if (word == "f32") {
    return {type("f32"), type("f32"), type("f32"), false, 0};
  }
  std::smatch found =
      match(word, "(?:([us]8)(s8)(s32|(?:[us]8)(?=q))(q?))|(?:f32(s4|s8)g([1-9]\\d{0,5})f32)");
  if (found[6].matched) {
    return {type("s8"), type(found[5]), type("f32"), false, number(found, 6, 0)};
  }
  return {type(found[1]), type(found[2]), type(found[3]), found[4].length() > 0, 0};
}

}  // namespace bench
