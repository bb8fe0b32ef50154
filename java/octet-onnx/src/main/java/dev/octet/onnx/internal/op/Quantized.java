package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;

/**
 * Integers of 8 bits, all with one scale and zero point that are known before a run.
 *
 * @param type I8 or U8
 * @param scale {@code real = scale * (integer - zeroPoint)}
 * @param zeroPoint of the type
 */
public record Quantized(ElementType type, float scale, int zeroPoint) {
  /** Any product and quotient of three of them is a normal number, as Octet's ops need it. */
  static final float LEAST = 0x1p-40f;
  /** Likewise. */
  static final float MOST = 0x1p40f;

  /**
   * Reads a scale and a zero point.
   *
   * @param type of the integers
   * @param scale F32
   * @param zeroPoint of the type; null where it is 0
   * @return null where they are not constants of one element, or the type is not of 8 bits
   */
  public static Quantized of(ElementType type, Known scale, Known zeroPoint) {
    if (!Scales.BYTES.contains(type) || !isOne(scale) || (zeroPoint != null && !isOne(zeroPoint))) {
      return null;
    }
    return new Quantized(type, Elements.real(scale.data(), 0),
        zeroPoint == null ? 0 : (int) Elements.integer(zeroPoint.data(), type, 0));
  }

  private static boolean isOne(Known known) {
    return known.isConstant() && known.elements() == 1;
  }

  /** Whether Octet's ops take the scale together with any others that are offered. */
  public boolean isOffered() {
    return scale >= LEAST && scale <= MOST;
  }

  /** The integer that stands for a number; out of the type's range where none does. */
  public double integer(double real) {
    return Math.rint(real / scale) + zeroPoint;
  }

  /** Whether an integer of the type stands for exactly this number. */
  public boolean holds(double real) {
    double integer = integer(real);
    return integer >= dataType().min() && integer <= dataType().max()
        && (float) (integer - zeroPoint) * scale == real;
  }

  /** The type of Octet. */
  DataType dataType() {
    return Weights.type(type);
  }

  /** Octet's form of scale and zero point. */
  Quantization quantization() {
    return Quantization.perTensor(scale, zeroPoint);
  }
}
