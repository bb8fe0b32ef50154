// oneDNN convolution, activations NHWC as Octet takes them.
#include "product.h"

namespace bench {

Case make_conv(const ConvShape &s, const Form &form) {
  using tag = dnnl::memory::format_tag;
  Product product(form);
  bool grouped = s.groups > 1;
  int64_t height = s.out(s.height), width = s.out(s.width);
  int64_t in_group = s.channels / s.groups, out_group = s.out_channels / s.groups;
  dnnl::memory::dims weight_dims = grouped
                                       ? dnnl::memory::dims{s.groups, out_group, in_group, s.kernel, s.kernel}
                                       : dnnl::memory::dims{s.out_channels, s.channels, s.kernel, s.kernel};
  dnnl::memory::desc source({s.batch, s.channels, s.height, s.width}, form.source, tag::nhwc);
  dnnl::memory::desc destination({s.batch, s.out_channels, height, width}, form.destination, tag::nhwc);
  dnnl::memory::desc any(weight_dims, form.weights, tag::any);
  dnnl::memory::desc bias({s.out_channels}, dnnl::memory::data_type::f32, tag::a);
  dnnl::memory::dims stride{s.stride, s.stride}, dilation{s.dilation - 1, s.dilation - 1},
      padding{s.padding, s.padding};
  dnnl::primitive_attr attributes = product.attributes(grouped ? 3 : 1);
  constexpr auto kind = dnnl::prop_kind::forward_inference;
  constexpr auto algorithm = dnnl::algorithm::convolution_direct;
  using description = dnnl::convolution_forward::primitive_desc;
  description descriptor = form.requantized
                               ? description(product.engine(), kind, algorithm, source, any, bias,
                                             destination, stride, dilation, padding, padding, attributes)
                               : description(product.engine(), kind, algorithm, source, any, destination,
                                             stride, dilation, padding, padding, attributes);
  product.source(source);
  product.weights({weight_dims, form.weights, grouped ? tag::goihw : tag::oihw}, descriptor.weights_desc());
  product.destination(destination);
  int64_t products = in_group * s.kernel * s.kernel;
  if (form.requantized) {
    product.epilogue(s.out_channels, products, bias);
  }
  product.finish(dnnl::convolution_forward(descriptor), descriptor.scratchpad_desc(),
                 descriptor.impl_info_str());
  auto differences = [=](Product &checked) {
    auto sum = [&](int64_t i) {
      int64_t c = i % s.out_channels, x = i / s.out_channels % width, y = i / s.out_channels / width % height;
      int64_t image = i / s.out_channels / width / height;
      double total = 0;
      for (int64_t ky = 0; ky < s.kernel; ky++) {
        for (int64_t kx = 0; kx < s.kernel; kx++) {
          int64_t iy = y * s.stride + ky * s.dilation - s.padding,
                  ix = x * s.stride + kx * s.dilation - s.padding;
          if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
            continue;
          }
          for (int64_t j = 0; j < in_group; j++) {
            int64_t a = ((image * s.height + iy) * s.width + ix) * s.channels + c / out_group * in_group + j;
            int64_t w = ((c * in_group + j) * s.kernel + ky) * s.kernel + kx;
            total +=
                form.weights == dnnl::memory::data_type::f32
                    ? static_cast<double>(source_real(a)) * weight_real(w)
                    : static_cast<double>(source_integer(form.source, a) * weight_integer(form.weights, w));
          }
        }
      }
      return total;
    };
    return checked.differences(s.batch * height * width * s.out_channels, products, sum,
                               [&](int64_t i) { return i % s.out_channels; });
  };
  double operations = 2.0 * static_cast<double>(s.batch * height * width * s.out_channels * products);
  return {std::move(product), operations, differences, "", true};
}

}  // namespace bench
