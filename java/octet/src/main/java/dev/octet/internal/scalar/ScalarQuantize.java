package dev.octet.internal.scalar;

import dev.octet.engine.Numbers;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of quantize and of dequantize, with parameters per tensor, channel or group. */
final class ScalarQuantize implements QuantizeKernel {
  private final QuantizeSpec spec;
  private final boolean toReal;

  private ScalarQuantize(QuantizeSpec spec, boolean toReal) {
    this.spec = spec;
    this.toReal = toReal;
  }

  static ScalarQuantize quantize(QuantizeSpec spec) {
    return new ScalarQuantize(spec, false);
  }

  static ScalarQuantize dequantize(QuantizeSpec spec) {
    return new ScalarQuantize(spec, true);
  }

  @Override
  public String name() {
    return ("scalar:" + (toReal ? "dequantize_" : "quantize_") + spec.type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long outer, long axis, long inner) {
    long element = 0;
    for (long o = 0; o < outer; o++) {
      for (long a = 0; a < axis; a++) {
        for (long i = 0; i < inner; i++) {
          convert(src, dst, element, parameter(o, a, axis, i, inner));
          element++;
        }
      }
    }
  }

  private void convert(MemorySegment src, MemorySegment dst, long element, int parameter) {
    float scale = spec.quantization().scale(parameter);
    int zeroPoint = spec.quantization().zeroPoint(parameter);
    if (toReal) {
      int q = Elements.load(src, spec.type(), element);
      dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * element, Numbers.dequantize(q, scale, zeroPoint));
    } else {
      float x = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * element);
      Elements.store(dst, spec.type(), element, Numbers.quantize(x, scale, zeroPoint, spec.type()));
    }
  }

  private int parameter(long outerIndex, long axisIndex, long axis, long innerIndex, long inner) {
    return switch (spec.quantization().granularity()) {
      case PER_TENSOR -> 0;
      case PER_CHANNEL -> (int) axisIndex;
      case PER_GROUP -> {
        int groupSize = spec.quantization().groupSize();
        long groups = Math.ceilDiv(axis, groupSize);
        yield (int) ((outerIndex * groups + axisIndex / groupSize) * inner + innerIndex);
      }
    };
  }
}
