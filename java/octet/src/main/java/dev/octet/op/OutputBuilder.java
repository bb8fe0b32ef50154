package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import org.jspecify.annotations.Nullable;

/** Output of the builders of products, convolution, binary ops and pooling. */
final class OutputBuilder {
  private @Nullable DataType type;
  private float scale = 1;
  private int zeroPoint;
  private boolean clamped;
  private float min = Float.NEGATIVE_INFINITY;
  private float max = Float.POSITIVE_INFINITY;

  void quantized(DataType type, Quantization quantization) {
    Operands.requireByte("output", type);
    Operands.perTensor("output", type, quantization);
    this.type = type;
    this.scale = quantization.scale(0);
    this.zeroPoint = quantization.zeroPoint(0);
  }

  void raw(DataType type) {
    this.type = type;
    this.scale = 1;
    this.zeroPoint = 0;
  }

  void clamp(float min, float max) {
    if (!(min <= max)) {
      throw new IllegalArgumentException("clamp: expected min <= max, got " + min + " and " + max);
    }
    this.clamped = true;
    this.min = min;
    this.max = max;
  }

  /** Returns the type, or null if it is not set. */
  @Nullable
  DataType type() {
    return type;
  }

  float scale() {
    return scale;
  }

  OutputSpec spec() {
    if (type == null) {
      throw new IllegalArgumentException("output: not given; call output(...), outputF32() or outputS32()");
    }
    if (type == DataType.S32 && clamped) {
      throw new IllegalArgumentException("clamp: not offered with S32 output");
    }
    if (!type.isByte()) {
      return new OutputSpec(type, 1, 0, 0, 0, min, max);
    }
    int lo = clamped ? Numbers.quantize(min, scale, zeroPoint, type) : type.min();
    int hi = clamped ? Numbers.quantize(max, scale, zeroPoint, type) : type.max();
    return new OutputSpec(type, scale, zeroPoint, lo, hi, min, max);
  }
}
