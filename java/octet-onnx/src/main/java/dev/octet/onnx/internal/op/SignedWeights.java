package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import java.lang.foreign.MemorySegment;

/** Weights of floats as S8, symmetric, with a scale for each out channel. */
public final class SignedWeights {
  private SignedWeights() {}

  /**
   * The scales: the largest magnitude of a channel by 127, or 1 where that is below 2<sup>-40</sup>: such
   * weights become 0. Networks that were trained with weight decay have channels of 10<sup>-38</sup>.
   *
   * @param weights constants
   * @param axis of the out channels, the first or the last
   * @return null where weights are not finite, or too large
   */
  public static float[] scales(Known weights, int axis) {
    float[] scales = largest(weights, axis);
    for (int i = 0; i < scales.length; i++) {
      float scale = scales[i] / Byte.MAX_VALUE;
      if (!(scale <= Quantized.MOST)) {
        return null;
      }
      scales[i] = scale >= Quantized.LEAST ? scale : 1;
    }
    return scales;
  }

  /** The weights with scales of their own. */
  static QTensor of(Known weights, int axis) {
    return of(weights, axis, scales(weights, axis));
  }

  /** The integers of weights with these scales. */
  public static MemorySegment integers(Known weights, int axis, float[] scales) {
    return of(weights, axis, scales).data();
  }

  private static QTensor of(Known weights, int axis, float[] scales) {
    return Quantizer.symmetric(DataType.S8).with(Quantization.perChannel(axis, scales))
        .quantize(weights.data(), Shape.of(weights.dims()));
  }

  /**
   * The largest magnitude for each index of an axis.
   *
   * @param weights constants
   * @param axis the first or the last
   */
  public static float[] largest(Known weights, int axis) {
    float[] largest = new float[Math.toIntExact(weights.dims()[axis])];
    int rows = axis == 0 ? largest.length : Math.toIntExact(weights.elements() / largest.length);
    float[] row = new float[Math.toIntExact(weights.elements() / rows)];
    for (int i = 0; i < rows; i++) {
      MemorySegment.copy(weights.data(), Elements.FLOAT, 4L * i * row.length, row, 0, row.length);
      if (axis == 0) {
        largest[i] = largest(row);
      } else {
        larger(largest, row);
      }
    }
    return largest;
  }

  /** NaN where there is one. */
  private static float largest(float[] row) {
    float most = 0;
    for (float x : row) {
      most = Math.max(most, Math.abs(x));
    }
    return most;
  }

  /** Keeps the larger magnitudes, column by column; NaN stays. */
  private static void larger(float[] largest, float[] row) {
    for (int i = 0; i < row.length; i++) {
      largest[i] = Math.max(largest[i], Math.abs(row[i]));
    }
  }
}
