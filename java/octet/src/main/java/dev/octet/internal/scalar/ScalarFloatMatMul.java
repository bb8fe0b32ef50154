package dev.octet.internal.scalar;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.Numbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The rows of the three products of float activations; what they do with a row differs. */
abstract class ScalarFloatMatMul implements FloatMatMulKernel {
  /** A row made ready: quantized, or floats as they came. */
  static final class Row {
    private final float[] values;
    private final int[] centred;
    private final float[] scales;

    private Row(int k, int scales) {
      this.values = new float[k];
      this.centred = new int[k];
      this.scales = new float[scales];
    }

    /** The row as it came, K floats. */
    float[] values() {
      return values;
    }

    /** The row quantized, minus its zero point. */
    int[] centred() {
      return centred;
    }

    /** The scale of each group; of the whole row in the first where there are no groups. */
    float[] scales() {
      return scales;
    }
  }

  private final String name;
  private final int k;
  private final int n;
  private final int scales;
  private final float[] bias;
  private final float min;
  private final float max;

  ScalarFloatMatMul(FloatMatMulSpec spec, String op) {
    this(name(spec, op), spec.weights().k(), spec.weights().n(), spec.weights().groups(), spec.bias(),
        spec.min(), spec.max());
  }

  /** With so many scales of a row, at least. */
  ScalarFloatMatMul(String name, int k, int n, int scales, float[] bias, float min, float max) {
    this.name = name;
    this.k = k;
    this.n = n;
    this.scales = scales;
    this.bias = bias;
    this.min = min;
    this.max = max;
  }

  private static String name(FloatMatMulSpec spec, String op) {
    String granularity = switch (spec.weights().quantization().granularity()) {
      case PER_TENSOR -> "pt";
      case PER_CHANNEL -> "pc";
      case PER_GROUP -> "g" + spec.weights().groupSize();
    };
    return "scalar:f32" + spec.weights().type().name().toLowerCase(Locale.ROOT) + "_f32_" + granularity + "_"
        + op;
  }

  /** Makes each group of a row symmetric S8 with a scale of its own. */
  static void quantize(Row row, int groupSize) {
    int k = row.values.length;
    for (int first = 0, group = 0; first < k; first += groupSize, group++) {
      int end = first + Math.min(groupSize, k - first);
      float absmax = 0;
      for (int i = first; i < end; i++) {
        absmax = Math.max(absmax, Math.abs(row.values[i]));
      }
      float scale = Numbers.symmetricScale(absmax);
      for (int i = first; i < end; i++) {
        row.centred[i] = Numbers.quantize(row.values[i], scale, 0, -127, 127);
      }
      row.scales[group] = scale;
      if (end == k) {
        return;
      }
    }
  }

  /** Makes a row ready for all columns. */
  abstract void prepare(Row row);

  /** One element of the result, before bias and clamp. */
  abstract float product(Row row, int column);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long scratchBytes(long rows) {
    return 8L * k + 4L * scales;
  }

  @Override
  public final void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    Row row = new Row(k, scales);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < k; i++) {
        row.values[i] = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (r * srcStride + i));
      }
      prepare(row);
      for (int column = 0; column < n; column++) {
        ScalarOutput.storeReal(product(row, column), bias != null, bias == null ? 0 : bias[column],
            min, max, dst, r * dstStride + column);
      }
    }
  }
}
