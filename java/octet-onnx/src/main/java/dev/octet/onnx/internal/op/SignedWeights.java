package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.op.Quantize;
import java.lang.foreign.Arena;
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

  /** The integers of weights with these scales. */
  public static MemorySegment integers(Known weights, int axis, float[] scales) {
    return Quantizer.symmetric(DataType.S8).with(Quantization.perChannel(axis, scales))
        .quantize(weights.data(), Shape.of(weights.dims())).data();
  }

  /**
   * The weights with these scales, of {@link #scales}, so that no quotient is below -127. Engines quantize
   * them where they can, as ONEDNN by itself cannot: their code is fast before C2 has seen any. What lies in
   * a mapped file is copied first: native code ends the process where the file was truncated, Java throws.
   *
   * @param arena has the integers
   */
  static QTensor of(Octet octet, Known weights, int axis, float[] scales, Arena arena) {
    Shape shape = Shape.of(weights.dims());
    Quantization quantization = Quantization.perChannel(axis, scales);
    try (Quantize op = octet.quantize().output(DataType.S8, quantization).prepare();
        Arena copies = Arena.ofConfined()) {
      MemorySegment integers = arena.allocate(Math.max(1, shape.elements()), 64);
      MemorySegment floats = weights.data();
      op.run(floats.isMapped() ? copies.allocate(floats.byteSize(), 64).copyFrom(floats) : floats, integers,
          shape);
      return QTensor.of(DataType.S8, shape, quantization, integers);
    } catch (UnsupportedOperationException e) {
      return Quantizer.symmetric(DataType.S8).with(quantization).quantize(weights.data(), shape, arena);
    }
  }

  /**
   * The largest magnitude for each index of an axis; NaN where there is one.
   *
   * @param weights constants
   * @param axis the first or the last
   */
  public static float[] largest(Known weights, int axis) {
    int[] largest = new int[Math.toIntExact(weights.dims()[axis])];
    int rows = axis == 0 ? largest.length : Math.toIntExact(weights.elements() / largest.length);
    int[] row = new int[Math.toIntExact(weights.elements() / rows)];
    for (int i = 0; i < rows; i++) {
      MemorySegment.copy(weights.data(), Elements.INT, 4L * i * row.length, row, 0, row.length);
      if (axis == 0) {
        largest[i] = largest(row);
      } else {
        larger(largest, row);
      }
    }
    float[] result = new float[largest.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = Float.intBitsToFloat(largest[i]);
    }
    return result;
  }

  /** The bits of the largest magnitude: those of floats of one sign are in the order of the floats. */
  private static int largest(int[] row) {
    int most = 0;
    for (int bits : row) {
      most = Math.max(most, bits & Integer.MAX_VALUE);
    }
    return most;
  }

  /** Keeps the bits of the larger magnitudes, column by column. */
  private static void larger(int[] largest, int[] row) {
    for (int i = 0; i < row.length; i++) {
      largest[i] = Math.max(largest[i], row[i] & Integer.MAX_VALUE);
    }
  }
}
