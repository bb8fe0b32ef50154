package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.Arrays;

/**
 * The right side of a product of integers, a constant.
 *
 * @param data {@code [K][N]} of I8 or U8
 * @param scale F32, one or N; null where all are 1
 * @param zeroPoint of the same type as the data, one or N; null where all are 0
 */
public record Weights(Known data, Known scale, Known zeroPoint) {
  /** Octet's engines are exact for scales in between. */
  private static final float LEAST = 0x1p-90f;
  private static final float MOST = 0x1p90f;

  /** Whether Octet's ops take them: a constant matrix, not empty, with scales that are numbers above 0. */
  public boolean isOffered() {
    if (!data.isConstant() || data.rank() != 2 || data.elements() == 0
        || (data.type() != ElementType.I8 && data.type() != ElementType.U8)
        || data.dims()[0] > Integer.MAX_VALUE || data.dims()[1] > Integer.MAX_VALUE) {
      return false;
    }
    return fits(scale) && fits(zeroPoint) && (zeroPoint == null || zeroPoint.type() == data.type())
        && (scale == null || (scale.type() == ElementType.F32 && isInRange(scale)));
  }

  private boolean fits(Known parameter) {
    return parameter == null || (parameter.isConstant() && parameter.rank() <= 1
        && (parameter.elements() == 1 || parameter.elements() == data.dims()[1]));
  }

  private static boolean isInRange(Known scale) {
    for (float value : Elements.floats(scale)) {
      if (!(value >= LEAST && value <= MOST)) {
        return false;
      }
    }
    return true;
  }

  /** Octet's view of them. */
  QTensor tensor() {
    int n = (int) data.dims()[1];
    boolean perTensor = (scale == null || scale.elements() == 1)
        && (zeroPoint == null || zeroPoint.elements() == 1);
    Quantization quantization = perTensor
        ? Quantization.perTensor(scale == null ? 1 : Elements.real(scale.data(), 0),
            zeroPoint == null ? 0 : zeroPoint(0))
        : Quantization.perChannel(1, scales(n), zeroPoints(n));
    return QTensor.of(type(data.type()), Shape.of(data.dims()), quantization, data.data());
  }

  private float[] scales(int n) {
    float[] result = new float[n];
    if (scale == null || scale.elements() == 1) {
      Arrays.fill(result, scale == null ? 1 : Elements.real(scale.data(), 0));
      return result;
    }
    return Elements.floats(scale);
  }

  private int[] zeroPoints(int n) {
    int[] result = new int[n];
    for (int i = 0; i < n && zeroPoint != null; i++) {
      result[i] = zeroPoint(zeroPoint.elements() == 1 ? 0 : i);
    }
    return result;
  }

  private int zeroPoint(int index) {
    return (int) Elements.integer(zeroPoint.data(), zeroPoint.type(), index);
  }

  /** The type that Octet has for elements of 8 bits. */
  static DataType type(ElementType type) {
    return type == ElementType.U8 ? DataType.U8 : DataType.S8;
  }
}
