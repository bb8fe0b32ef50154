// oneDNN matmul: rows times packed weights.
#include "product.h"

namespace bench {

Case make_matmul(const MatMulShape &shape, const Form &form) {
  using tag = dnnl::memory::format_tag;
  auto [m, k, n] = shape;
  Product product(form);
  dnnl::memory::desc source({m, k}, form.source, tag::ab);
  dnnl::memory::desc any({k, n}, form.weights, tag::any);
  dnnl::memory::desc destination({m, n}, form.destination, tag::ab);
  dnnl::memory::desc bias({1, n}, dnnl::memory::data_type::f32, tag::ab);
  dnnl::primitive_attr attributes = product.attributes(1 << 1);
  dnnl::matmul::primitive_desc descriptor =
      form.requantized
          ? dnnl::matmul::primitive_desc(product.engine(), source, any, bias, destination, attributes)
          : dnnl::matmul::primitive_desc(product.engine(), source, any, destination, attributes);
  product.source(source);
  product.weights({{k, n}, form.weights, tag::ab}, descriptor.weights_desc());
  product.destination(destination);
  if (form.requantized) {
    product.epilogue(n, k, bias);
  }
  product.finish(dnnl::matmul(descriptor), descriptor.scratchpad_desc(), descriptor.impl_info_str());
  auto differences = [form, m = m, k = k, n = n](Product &checked) {
    auto sum = [&](int64_t i) {
      double total = 0;
      for (int64_t p = 0; p < k; p++) {
        int64_t a = i / n * k + p, w = p * n + i % n;
        total += form.weights == dnnl::memory::data_type::f32
                     ? static_cast<double>(source_real(a)) * weight_real(w)
                     : static_cast<double>(source_integer(form.source, a) * weight_integer(form.weights, w));
      }
      return total;
    };
    return checked.differences(m * n, k, sum, [&](int64_t i) { return i % n; });
  };
  return {std::move(product), 2.0 * static_cast<double>(m * k * n), differences, "", true};
}

}  // namespace bench
