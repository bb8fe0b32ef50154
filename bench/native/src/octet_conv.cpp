#include "octet_conv.h"

#include "product.h"

#include <cmath>
#include <stdexcept>

namespace bench {

namespace {

int type_of(dnnl::memory::data_type type) {
  switch (type) {
    case dnnl::memory::data_type::u8:
      return OCTET_U8;
    case dnnl::memory::data_type::s8:
      return OCTET_S8;
    case dnnl::memory::data_type::s32:
      return OCTET_S32;
    default:
      throw std::invalid_argument("liboctet convolves 8-bit images");
  }
}

int highest_tier() {
  for (int tier = OCTET_ISA_AVX512VNNI; tier > OCTET_ISA_BASELINE; tier--) {
    if (octet_cpu_supports(tier)) {
      return tier;
    }
  }
  return OCTET_ISA_BASELINE;
}

// The first byte of a multiple of 64.
void *aligned(std::vector<uint8_t> &bytes) {
  auto address = reinterpret_cast<uintptr_t>(bytes.data());
  return bytes.data() + ((address + 63) / 64 * 64 - address);
}

}  // namespace

OctetConv::OctetConv(const ConvShape &s, const Form &form)
    : pointwise_(s.kernel == 1 && s.stride == 1 && s.padding == 0 && s.groups == 1),
      pixels_(static_cast<int32_t>(s.height * s.width)),
      height_(static_cast<int32_t>(s.height)),
      width_(static_cast<int32_t>(s.width)),
      out_height_(static_cast<int32_t>(s.out(s.height))),
      out_width_(static_cast<int32_t>(s.out(s.width))) {
  if (s.batch != 1) {
    throw std::invalid_argument("one image");
  }
  int source = type_of(form.source), destination = type_of(form.destination), tier = highest_tier();
  int64_t in = s.channels / s.groups, per_output = in * s.kernel * s.kernel;
  source_.resize(static_cast<size_t>(s.height * s.width * s.channels));
  for (size_t i = 0; i < source_.size(); i++) {
    source_[i] = static_cast<uint8_t>(source_integer(form.source, static_cast<int64_t>(i)));
  }
  weights_.resize(static_cast<size_t>(s.out_channels * per_output));
  for (size_t i = 0; i < weights_.size(); i++) {
    weights_[i] = static_cast<int8_t>(weight_integer(dnnl::memory::data_type::s8, static_cast<int64_t>(i)));
  }
  int element = destination == OCTET_S32 ? 4 : 1;
  destination_.resize(static_cast<size_t>(s.out(s.height) * s.out(s.width) * s.out_channels * element));
  offsets_.resize(static_cast<size_t>(s.out_channels));
  multipliers_.resize(static_cast<size_t>(s.out_channels));
  for (int64_t o = 0; o < s.out_channels; o++) {
    offsets_[static_cast<size_t>(o)] = form.requantized ? bias_integer(o) : 0;
    multipliers_[static_cast<size_t>(o)] = source_scale * weight_scale(o) / destination_scale(per_output);
  }
  float low = destination == OCTET_S8 ? -128 : 0, high = destination == OCTET_S8 ? 127 : 255;
  conv_.low = product_.low = low;
  conv_.high = product_.high = high;
  if (pointwise_) {
    pointwise(s, tier, source, destination);
  } else {
    windows(s, tier, source, destination);
  }
}

void OctetConv::pointwise(const ConvShape &s, int tier, int source, int destination) {
  auto k = static_cast<int32_t>(s.channels), n = static_cast<int32_t>(s.out_channels);
  int layout = octet_matmul_layout(tier);
  packed_.resize(static_cast<size_t>(octet_matmul_packed_bytes(layout, k, n)) + 64);
  std::vector<int32_t> sums(static_cast<size_t>(n));
  octet_matmul_pack(layout, weights_.data(), OCTET_S8, 1, k, k, 0, n, aligned(packed_), sums.data());
  for (size_t o = 0; o < sums.size(); o++) {
    offsets_[o] -= source == OCTET_S8 ? 128 * sums[o] : 0;
  }
  product_.weights = aligned(packed_);
  product_.offsets = offsets_.data();
  product_.multipliers = multipliers_.data();
  product_.kernel = octet_matmul_kernel(tier, source, destination);
  product_.k = k;
  product_.n = n;
}

void OctetConv::windows(const ConvShape &s, int tier, int source, int destination) {
  conv_.in_channels = static_cast<int32_t>(s.channels / s.groups);
  conv_.out_channels = static_cast<int32_t>(s.out_channels / s.groups);
  conv_.groups = static_cast<int32_t>(s.groups);
  conv_.kernel_height = conv_.kernel_width = static_cast<int32_t>(s.kernel);
  conv_.stride_height = conv_.stride_width = static_cast<int32_t>(s.stride);
  conv_.dilation_height = conv_.dilation_width = static_cast<int32_t>(s.dilation);
  conv_.pad_top = conv_.pad_left = static_cast<int32_t>(s.padding);
  conv_.form = octet_conv2d_form(&conv_);
  packed_.resize(static_cast<size_t>(octet_conv2d_packed_bytes(&conv_, tier)) + 64);
  int32_t rows = octet_conv2d_sum_rows(&conv_);
  skipped_.resize(static_cast<size_t>(rows * s.out_channels));
  octet_conv2d_pack(&conv_, tier, weights_.data(), OCTET_S8, OCTET_OIHW, aligned(packed_), skipped_.data());
  int32_t zero_point = source == OCTET_S8 ? 128 : 0;
  for (size_t i = 0; i < skipped_.size(); i++) {
    skipped_[i] *= zero_point;
    offsets_[i % offsets_.size()] -= skipped_[i];
  }
  scratch_.resize(static_cast<size_t>(octet_conv2d_scratch_bytes(&conv_)) + 64);
  conv_.weights = aligned(packed_);
  conv_.offsets = offsets_.data();
  conv_.skipped = zero_point == 0 ? nullptr : skipped_.data();
  conv_.multipliers = multipliers_.data();
  conv_.kernel = octet_conv2d_kernel(tier, source, destination);
}

void OctetConv::run() {
  if (pointwise_) {
    octet_matmul_run(&product_, source_.data(), product_.k, nullptr, nullptr, destination_.data(), product_.n,
                     pixels_, 0, product_.n, nullptr);
  } else {
    octet_conv2d_run(&conv_, source_.data(), destination_.data(), height_, width_, out_width_, 0, out_height_,
                     0, octet_conv2d_panels(&conv_), aligned(scratch_));
  }
}

const char *OctetConv::kernel() const {
  return octet_kernel_name(pointwise_ ? product_.kernel : conv_.kernel);
}

}  // namespace bench
