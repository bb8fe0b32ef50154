// Operands, epilogue and check of a product. Set up through oneDNN's C++ wrapper, run through its C function
// alone.
#include "product.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace bench {

namespace {

using dt = dnnl::memory::data_type;

uint64_t mix(uint64_t stream, int64_t index) {
  uint64_t z = (stream << 56) + static_cast<uint64_t>(index) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

float real(uint64_t stream, int64_t index) {
  return static_cast<float>(mix(stream, index) >> 40) / 8388608.0f - 1.0f;
}

template <class T>
void fill(dnnl::memory &memory, const std::function<T(int64_t)> &value) {
  T *data = static_cast<T *>(memory.get_data_handle());
  int64_t count = static_cast<int64_t>(memory.get_desc().get_size() / sizeof(T));
  for (int64_t i = 0; i < count; i++) {
    data[i] = value(i);
  }
}

dnnl::memory vector(const dnnl::engine &engine, int64_t length, dt type) {
  return dnnl::memory({{length}, type, dnnl::memory::format_tag::a}, engine);
}

}  // namespace

int source_integer(dt type, int64_t index) {
  return static_cast<int>(mix(1, index) >> 56) - (type == dt::s8 ? 128 : 0);
}

int weight_integer(dt type, int64_t index) {
  return type == dt::s4 ? static_cast<int>(mix(2, index) >> 60) - 8
                        : static_cast<int>(mix(2, index) >> 57) - 64;
}

float source_real(int64_t index) {
  return real(1, index);
}

float weight_real(int64_t index) {
  return real(2, index);
}

int bias_integer(int64_t channel) {
  return static_cast<int>(mix(3, channel) >> 53) - 1024;
}

float weight_scale(int64_t channel) {
  return 0.001f * (1.0f + static_cast<float>(channel % 7) / 8.0f);
}

// Uniform u8 or s8 times uniform 7-bit weights has a standard deviation near 5400 a product (u8; s8: 2700).
float destination_scale(int64_t products) {
  return source_scale * 0.001f * 5400.0f * std::sqrt(static_cast<float>(products)) / 64.0f;
}

Product::Product(const Form &form) : form_(form), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
}

dnnl::primitive_attr Product::attributes(int channel_mask) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (form_.requantized) {
    attributes.set_scales_mask(DNNL_ARG_SRC, 0);
    attributes.set_scales_mask(DNNL_ARG_WEIGHTS, channel_mask);
    attributes.set_scales_mask(DNNL_ARG_DST, 0);
  }
  return attributes;
}

dnnl::memory &Product::bind(int argument, dnnl::memory memory) {
  memories_.push_back(std::move(memory));
  arguments_.push_back({argument, memories_.back().get()});
  return memories_.back();
}

void Product::source(const dnnl::memory::desc &plain) {
  dnnl::memory &memory = bind(DNNL_ARG_SRC, dnnl::memory(plain, engine_));
  switch (form_.source) {
    case dt::u8:
      fill<uint8_t>(memory, [](int64_t i) { return static_cast<uint8_t>(source_integer(dt::u8, i)); });
      break;
    case dt::s8:
      fill<int8_t>(memory, [](int64_t i) { return static_cast<int8_t>(source_integer(dt::s8, i)); });
      break;
    default:
      fill<float>(memory, source_real);
      break;
  }
}

void Product::weights(const dnnl::memory::desc &plain, const dnnl::memory::desc &packed) {
  dnnl::memory given(plain, engine_);
  if (form_.weights == dt::f32) {
    fill<float>(given, weight_real);
  } else if (plain.get_data_type() == dt::f32) {
    fill<float>(given, [this](int64_t i) { return static_cast<float>(weight_integer(form_.weights, i)); });
  } else {
    fill<int8_t>(given, [](int64_t i) { return static_cast<int8_t>(weight_integer(dt::s8, i)); });
  }
  dnnl::memory &memory = bind(DNNL_ARG_WEIGHTS, dnnl::memory(packed, engine_));
  dnnl::reorder(given, memory).execute(stream_, given, memory);
  stream_.wait();
}

void Product::destination(const dnnl::memory::desc &plain) {
  destination_ = bind(DNNL_ARG_DST, dnnl::memory(plain, engine_));
}

void Product::group_scales(int operand, const dnnl::memory::dims &dims,
                           const std::function<float(int64_t)> &scale) {
  dnnl::memory::desc plain(dims, dt::f32, dnnl::memory::format_tag::ab);
  fill<float>(bind(DNNL_ARG_ATTR_SCALES | operand, dnnl::memory(plain, engine_)), scale);
}

void Product::epilogue(int64_t channels, int64_t products, const dnnl::memory::desc &bias) {
  destination_scale_ = destination_scale(products);
  fill<float>(bind(DNNL_ARG_BIAS, dnnl::memory(bias, engine_)), [](int64_t c) {
    return static_cast<float>(bias_integer(c)) * (source_scale * weight_scale(c));
  });
  fill<float>(bind(DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, vector(engine_, 1, dt::f32)),
              [](int64_t) { return source_scale; });
  fill<float>(bind(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, vector(engine_, channels, dt::f32)),
              weight_scale);
  fill<float>(bind(DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST, vector(engine_, 1, dt::f32)),
              [this](int64_t) { return destination_scale_; });
}

void Product::finish(const dnnl::primitive &primitive, const dnnl::memory::desc &scratchpad,
                     const char *implementation) {
  primitive_ = primitive;
  implementation_ = implementation;
  bind(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad, engine_));
}

// Without waiting for the stream: on a CPU a primitive has run when the call returns.
void Product::run() {
  dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream_.get(),
                                                 static_cast<int>(arguments_.size()), arguments_.data()),
                          "execute");
}

long Product::differences(int64_t elements, int64_t products, const std::function<double(int64_t)> &sum,
                          const std::function<int64_t(int64_t)> &channel) {
  run();
  const void *data = destination_.get_data_handle();
  double lo = form_.destination == dt::s8 ? -128 : 0;
  long count = 0;
  for (int64_t i = 0; i < elements; i++) {
    double expected = sum(i);
    double got, tolerance = 0;
    switch (form_.destination) {
      case dt::f32:
        got = static_cast<const float *>(data)[i];
        tolerance = static_cast<double>(products) * static_cast<double>(products) * FLT_EPSILON;
        break;
      case dt::s32:
        got = static_cast<const int32_t *>(data)[i];
        break;
      case dt::s8:
        got = static_cast<const int8_t *>(data)[i];
        break;
      default:
        got = static_cast<const uint8_t *>(data)[i];
        break;
    }
    if (form_.requantized) {
      int64_t c = channel(i);
      double real = (expected + bias_integer(c)) * source_scale * weight_scale(c) / destination_scale_;
      expected = std::clamp(std::nearbyint(real), lo, lo + 255);
      tolerance = 1;
    }
    count += std::abs(got - expected) > tolerance;
  }
  return count;
}

}  // namespace bench
