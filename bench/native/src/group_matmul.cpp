// oneDNN matmul in S8 with scales per group on both sides, the product that Octet makes of F32 rows that it
// quantizes on the fly. oneDNN 3.13 quantizes no rows in groups (a reorder to S8 with dynamic scales, or with
// scales per group, is refused), so its rows come quantized: that it does less is in its favour.
#include "product.h"

#include <cfloat>
#include <cmath>

namespace bench {

namespace {

float source_scale_of(int64_t index) {
  return source_scale * (1.0f + static_cast<float>(index % 5) / 8.0f);
}

// Sums of groups in double; a result may be off by a rounding for each group, of all magnitudes added up.
long group_differences(Product &checked, const MatMulShape &shape, const Form &form) {
  auto [m, k, n] = shape;
  int64_t groups = k / form.group;
  checked.run();
  const float *got = static_cast<const float *>(checked.results());
  long count = 0;
  for (int64_t i = 0; i < m * n; i++) {
    int64_t row = i / n, column = i % n;
    double expected = 0, magnitude = 0;
    for (int64_t g = 0; g < groups; g++) {
      int64_t sum = 0;
      for (int64_t p = g * form.group; p < (g + 1) * form.group; p++) {
        sum += source_integer(form.source, row * k + p) * weight_integer(form.weights, p * n + column);
      }
      double part =
          static_cast<double>(sum) * source_scale_of(row * groups + g) * weight_scale(g * n + column);
      expected += part;
      magnitude += std::abs(part);
    }
    count += !(std::abs(got[i] - expected) <= static_cast<double>(groups) * FLT_EPSILON * magnitude);
  }
  return count;
}

}  // namespace

Case make_group_matmul(const MatMulShape &shape, const Form &form) {
  using tag = dnnl::memory::format_tag;
  using dt = dnnl::memory::data_type;
  auto [m, k, n] = shape;
  int64_t group = form.group, groups = k / group;
  if (k % group != 0) {
    throw Refused("oneDNN takes whole groups: K of " + std::to_string(k) + " is no multiple of " +
                  std::to_string(group));
  }
  if (form.weights == dt::s4 && n % 2 != 0) {
    throw Refused("oneDNN takes whole bytes: N of " + std::to_string(n) + " is odd with weights of S4");
  }
  Product product(form);
  dnnl::memory::desc source({m, k}, form.source, tag::ab);
  // Plain: with weights as "any" 3.13 takes its reference for S8, and plain ones for S4; blocked ones it has
  // none for.
  dnnl::memory::desc weights({k, n}, form.weights, tag::ab);
  dnnl::memory::desc destination({m, n}, form.destination, tag::ab);
  dnnl::primitive_attr attributes = product.attributes(0);
  attributes.set_scales(DNNL_ARG_SRC, 3, {1, group}, dt::f32);
  attributes.set_scales(DNNL_ARG_WEIGHTS, 3, {group, 1}, dt::f32);
  dnnl::matmul::primitive_desc descriptor(product.engine(), source, weights, destination, attributes);
  std::string implementation = descriptor.impl_info_str();
  if (implementation.find("ref") == 0) {
    throw Refused("oneDNN has nothing faster than " + implementation + " for scales per group here");
  }
  product.source(source);
  // From F32: the reorder of 3.13 from S8 to S4 succeeds and writes nothing.
  product.weights({{k, n}, form.weights == dt::s4 ? dt::f32 : form.weights, tag::ab}, weights);
  product.destination(destination);
  product.group_scales(DNNL_ARG_SRC, {m, groups}, source_scale_of);
  product.group_scales(DNNL_ARG_WEIGHTS, {groups, n}, weight_scale);
  product.finish(dnnl::matmul(descriptor), descriptor.scratchpad_desc(), implementation.c_str());
  auto differences = [shape, form](Product &checked) { return group_differences(checked, shape, form); };
  return {std::move(product), 2.0 * static_cast<double>(m * k * n), differences,
          ", rows quantized beforehand", true};
}

}  // namespace bench
