package dev.octet.onnx.internal.op;

import dev.octet.Quantization;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;
import java.util.List;

/** Scales and zero points as inputs: one of all elements, or one for each index of an axis. */
final class Scales {
  private Scales() {}

  /**
   * Checks them, as far as they are known.
   *
   * @param axis of the elements
   * @param x the elements
   * @param scale the second input
   * @param zeroPoint the third input; null where it is left out
   */
  static void check(long axis, Known x, Known scale, Known zeroPoint) {
    if (!scale.isShaped() || !x.hasRank()) {
      return;
    }
    if (zeroPoint != null && zeroPoint.isShaped() && zeroPoint.elements() != scale.elements()) {
      throw new IllegalArgumentException(
          "expected as many zero points as scales, got " + zeroPoint + " and " + scale);
    }
    if (scale.elements() != 1) {
      long length = x.dims()[Dims.axis("axis", axis, x.rank())];
      if (scale.rank() != 1 || (length >= 0 && length != scale.elements())) {
        throw new IllegalArgumentException(
            "input 1: expected one scale, or one for each index of axis " + axis
                + " of " + x + ", got " + scale);
      }
    }
  }

  /** Checks that all inputs but one are constants. */
  static void requireConstants(List<Known> inputs, int but) {
    for (int i = 0; i < inputs.size(); i++) {
      if (i != but && inputs.get(i) != null && !inputs.get(i).isConstant()) {
        throw new UnsupportedOperationException("input " + i + " that is no constant is not offered");
      }
    }
  }

  /** Octet's form of a constant scale and zero point. */
  static Quantization perTensor(Known scale, Known zeroPoint) {
    return Quantization.perTensor(Elements.real(scale.data(), 0),
        (int) Elements.integer(zeroPoint.data(), zeroPoint.type(), 0));
  }

  /** The elements of a constant of I32. */
  static int[] integers(Known constant) {
    return Arrays.stream(constant.longs()).mapToInt(Math::toIntExact).toArray();
  }
}
