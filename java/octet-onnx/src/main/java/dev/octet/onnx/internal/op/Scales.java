package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Scales and zero points as inputs: one of all elements, or one for each index of an axis. */
final class Scales {
  /** Integers of 8 bits. */
  static final Set<ElementType> BYTES = Set.of(ElementType.I8, ElementType.U8);

  /** What is done with elements that have one scale. */
  @FunctionalInterface
  private interface Body {
    /**
     * Computes some elements.
     *
     * @param first the first one
     * @param channel which scale they have
     * @param count at most {@link Rows#LONGEST}
     */
    void part(long first, long channel, int count);
  }

  /** What is done with elements that have one scale and zero point. */
  @FunctionalInterface
  interface Part {
    /** Computes n elements from the first one on. */
    void compute(MemorySegment from, MemorySegment to, ElementType type, long first, int zero, float scale,
        int n,
        Scratch scratch);
  }

  private Scales() {}

  /**
   * Makes the step of an operator whose inputs are elements, scales and, where they are not left out, zero
   * points.
   *
   * @param type of the integers
   */
  static Step step(long axis, Known x, Known scales, ElementType type, Part part) {
    return (in, out, scratch) -> {
      MemorySegment zeroPoints = in.length > 2 ? in[2] : null;
      forEach(axis, x, scales, (first, channel, count) -> {
        int zero = zeroPoints == null ? 0 : (int) Elements.integer(zeroPoints, type, channel);
        part.compute(in[0], out[0], type, first, zero, Elements.real(in[1], channel), count, scratch);
      });
    };
  }

  /** Goes through all elements of a tensor. */
  private static void forEach(long axis, Known x, Known scale, Body body) {
    boolean one = scale.elements() == 1;
    int along = one ? 0 : Dims.axis("axis", axis, x.rank());
    long channels = one ? 1 : x.dims()[along];
    long inner = one ? x.elements() : Dims.product(x.dims(), along + 1, x.rank());
    for (long block = 0; block * inner < x.elements(); block++) {
      for (long first = 0; first < inner; first += Rows.LONGEST) {
        body.part(block * inner + first, block % channels, (int) Math.min(Rows.LONGEST, inner - first));
      }
    }
  }

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

  /** The elements of a constant of I32. */
  static int[] integers(Known constant) {
    return Arrays.stream(constant.longs()).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * Checks the inputs of an operator that makes 8 bits of 8 bits: two operands, each with scale and zero
   * point, and those of the result.
   */
  static void checkRequantizing(List<Known> inputs) {
    for (int i = 0; i < 6; i += 3) {
      Inputs.type(inputs, i, BYTES);
      Inputs.type(inputs, i + 1, Set.of(ElementType.F32));
      Inputs.sameType(inputs, i, i + 2);
    }
    Inputs.type(inputs, 6, Set.of(ElementType.F32));
    Inputs.type(inputs, 7, BYTES);
    for (int i : new int[]{1, 2, 6, 7}) {
      Inputs.scalar(inputs, i);
    }
  }

  /** Checks the inputs of an operator that takes 8 bits with one scale and zero point, and nothing else. */
  static void checkQuantized(List<Known> inputs) {
    Inputs.count(inputs, 3, 3);
    Inputs.type(inputs, 0, BYTES);
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    Inputs.sameType(inputs, 0, 2);
    Inputs.scalar(inputs, 1);
    Inputs.scalar(inputs, 2);
  }
}
