package dev.octet.quantize.file;

import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The elements that share a scale, of a tensor seen as {@code [outer][length][inner]} with the axis of
 * channels or groups in the middle.
 *
 * @param width how many indices of a group; 0 where a scale is for an index of that axis, whatever the others
 */
record ScaleSharing(long outer, long length, long inner, int width) {
  static ScaleSharing of(WeightForm form, Shape shape) {
    if (form.granularity() == Granularity.PER_TENSOR) {
      return new ScaleSharing(1, 1, shape.elements(), 0);
    }
    long inner = 1;
    for (int a = form.axis() + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    long length = shape.dim(form.axis());
    return new ScaleSharing(shape.elements() / length / inner, length, inner, form.groupSize());
  }

  float[] floats(MemorySegment values, int parameter) {
    return width == 0 ? channel(values, parameter) : group(values, parameter);
  }

  /** The largest absolute value under a scale. */
  float absmax(MemorySegment values, int parameter) {
    float absmax = 0;
    if (width > 0) {
      for (float value : group(values, parameter)) {
        absmax = Math.max(absmax, Math.abs(value));
      }
      return absmax;
    }
    for (long o = 0; o < outer; o++) {
      long first = (o * length + parameter) * inner;
      for (long i = 0; i < inner; i++) {
        absmax = Math.max(absmax, Math.abs(values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (first + i))));
      }
    }
    return absmax;
  }

  private float[] channel(MemorySegment values, int index) {
    if (outer * inner > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "scales: expected at most 2^31 - 9 numbers that share a scale, got " + outer * inner);
    }
    float[] result = new float[(int) (outer * inner)];
    for (int o = 0; o < outer; o++) {
      MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (o * length + index) * inner, result,
          (int) (o * inner), (int) inner);
    }
    return result;
  }

  private float[] group(MemorySegment values, int index) {
    long groups = Math.ceilDiv(length, width);
    long i = index % inner;
    long first = index / inner % groups * width;
    long o = index / inner / groups;
    float[] result = new float[(int) Math.min(width, length - first)];
    for (int k = 0; k < result.length; k++) {
      result[k] = values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * ((o * length + first + k) * inner + i));
    }
    return result;
  }
}
