package dev.octet.internal.scalar;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
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

  private final FloatMatMulSpec spec;
  private final String name;
  private final int k;
  private final int n;
  private final int groups;

  ScalarFloatMatMul(FloatMatMulSpec spec, String op) {
    this.spec = spec;
    this.k = spec.weights().k();
    this.n = spec.weights().n();
    this.groups = spec.weights().groups();
    String granularity = switch (spec.weights().quantization().granularity()) {
      case PER_TENSOR -> "pt";
      case PER_CHANNEL -> "pc";
      case PER_GROUP -> "g" + spec.weights().groupSize();
    };
    this.name = "scalar:f32" + spec.weights().type().name().toLowerCase(Locale.ROOT) + "_f32_" + granularity
        + "_"
        + op;
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
    return 8L * k + 4L * groups;
  }

  @Override
  public final void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    float[] bias = spec.bias();
    Row row = new Row(k, groups);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < k; i++) {
        row.values[i] = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (r * srcStride + i));
      }
      prepare(row);
      for (int column = 0; column < n; column++) {
        ScalarOutput.storeReal(product(row, column), bias != null, bias == null ? 0 : bias[column],
            spec.min(),
            spec.max(), dst, r * dstStride + column);
      }
    }
  }
}
