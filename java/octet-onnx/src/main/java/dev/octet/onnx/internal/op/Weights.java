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
 * The right side of a product of integers, or the weights of a convolution of integers.
 *
 * @param data of I8 or U8: {@code [K][N]}, or {@code [N][K]} with the axis of out channels, or
 *        {@code [out channels][channels of a group][height][width]}, or without height
 * @param axis of the out channels: {@link #COLUMNS}, or {@link #OUT_CHANNELS}
 * @param scale F32, one or as many as there are out channels; null where all are 1
 * @param zeroPoint of the same type as the data, as many; null where all are 0
 */
public record Weights(Known data, int axis, Known scale, Known zeroPoint) {
  /** The out channels of a product. */
  public static final int COLUMNS = 1;
  /** The out channels of a convolution. */
  public static final int OUT_CHANNELS = 0;

  /** Octet's engines are exact for scales in between. */
  private static final float LEAST = 0x1p-90f;
  private static final float MOST = 0x1p90f;

  /** Whether Octet's ops take them: constants, not empty, with scales that are numbers above 0. */
  public boolean isOffered() {
    if (!data.isConstant() || !hasRank() || data.elements() == 0
        || (data.type() != ElementType.I8 && data.type() != ElementType.U8)
        || Arrays.stream(data.dims()).anyMatch(dim -> dim > Integer.MAX_VALUE)) {
      return false;
    }
    return fits(scale) && fits(zeroPoint) && (zeroPoint == null || zeroPoint.type() == data.type())
        && (scale == null || (scale.type() == ElementType.F32 && isInRange(scale)));
  }

  private boolean hasRank() {
    return axis == COLUMNS ? data.rank() == 2 : data.rank() >= 2 && data.rank() <= 4;
  }

  /** How many out channels there are. */
  public long channels() {
    return data.dims()[axis];
  }

  private boolean fits(Known parameter) {
    return parameter == null || (parameter.isConstant() && parameter.rank() <= 1
        && (parameter.elements() == 1 || parameter.elements() == channels()));
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
    int n = (int) channels();
    boolean perTensor = (scale == null || scale.elements() == 1)
        && (zeroPoint == null || zeroPoint.elements() == 1);
    Quantization quantization = perTensor
        ? Quantization.perTensor(scale == null ? 1 : Elements.real(scale.data(), 0),
            zeroPoint == null ? 0 : zeroPoint(0))
        : Quantization.perChannel(axis, scales(n), zeroPoints(n));
    long[] dims = data.dims();
    Shape shape = dims.length == 3 ? Shape.of(dims[0], dims[1], 1, dims[2]) : Shape.of(dims);
    return QTensor.of(type(data.type()), shape, quantization, data.data());
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
