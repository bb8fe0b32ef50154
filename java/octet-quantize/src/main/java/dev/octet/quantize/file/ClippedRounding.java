package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.quantize.ClippingSearch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link WeightQuantizer.Method#CLIPPING}. */
final class ClippedRounding {
  private ClippedRounding() {}

  static QTensor quantize(StoredTensor tensor, WeightForm form, MemorySegment values, Shape shape) {
    // of the full ranges; refuses what is not finite, by its position
    QTensor nearest = WeightQuantizer.Method.NEAREST.quantize(tensor, form, values, shape);
    if (shape.elements() == 0) {
      return nearest;
    }
    int[] zeroPoints = new int[nearest.quantization().count()];
    float[] scales = new float[zeroPoints.length];
    Sharing sharing = Sharing.of(form, shape);
    for (int p = 0; p < scales.length; p++) {
      Quantization best = ClippingSearch.leastError(tensor.name(), sharing.floats(values, p), form.type(),
          form.symmetric());
      scales[p] = best.scale(0);
      zeroPoints[p] = best.zeroPoint(0);
    }
    return form.quantizer().with(form.quantization(scales, zeroPoints)).quantize(values, shape);
  }

  /**
   * The elements that share a scale, of a tensor seen as {@code [outer][length][inner]} with the axis of
   * channels or groups in the middle.
   *
   * @param width how many indices of a group; 0 where a scale is for an index of that axis, whatever the
   *        others
   */
  private record Sharing(long outer, long length, long inner, int width) {
    static Sharing of(WeightForm form, Shape shape) {
      if (form.granularity() == Granularity.PER_TENSOR) {
        return new Sharing(1, 1, shape.elements(), 0);
      }
      long inner = 1;
      for (int a = form.axis() + 1; a < shape.rank(); a++) {
        inner *= shape.dim(a);
      }
      long length = shape.dim(form.axis());
      return new Sharing(shape.elements() / length / inner, length, inner, form.groupSize());
    }

    float[] floats(MemorySegment values, int parameter) {
      return width == 0 ? channel(values, parameter) : group(values, parameter);
    }

    private float[] channel(MemorySegment values, int index) {
      if (outer * inner > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "clipping: expected at most 2^31 - 9 numbers that share a scale, got " + outer * inner);
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
}
