package dev.octet.op;

import dev.octet.Shape;
import dev.octet.engine.PairLayout;

/**
 * Two shapes that are broadcast to one, as ONNX and numpy do it: aligned at the last axis; an axis of length
 * 1, or one that is missing, is repeated. Axes on which both operands go on where the axis inside of them
 * ends become one with it, so that few are left for kernels.
 */
final class PairShapes {
  private final Shape a;
  private final Shape b;
  private final Shape output;
  private final PairLayout layout;

  /**
   * Broadcasts.
   *
   * @throws IllegalArgumentException if two lengths differ and neither is 1, or the result is too large
   */
  PairShapes(Shape a, Shape b) {
    this.a = a;
    this.b = b;
    int axes = Math.max(a.rank(), b.rank());
    long[] dims = new long[axes];
    long[] lengths = new long[axes];
    long[] aSteps = new long[axes];
    long[] bSteps = new long[axes];
    int kept = 0;
    long aCount = 1;
    long bCount = 1;
    for (int axis = 0; axis < axes; axis++) {
      long onA = fromInside(a, axis);
      long onB = fromInside(b, axis);
      if (onA != onB && onA != 1 && onB != 1) {
        throw new IllegalArgumentException(
            "b: " + b + " cannot be broadcast with a " + a + ": " + onB + " and "
                + onA + " on axis " + (axes - 1 - axis) + " of the result differ and neither is 1");
      }
      long length = onA == 1 ? onB : onA;
      dims[axes - 1 - axis] = length;
      long aStep = onA == 1 ? 0 : aCount;
      long bStep = onB == 1 ? 0 : bCount;
      aCount *= onA;
      bCount *= onB;
      if (length == 1) {
        continue;
      }
      if (kept > 0 && aStep == aSteps[kept - 1] * lengths[kept - 1]
          && bStep == bSteps[kept - 1] * lengths[kept - 1]) {
        lengths[kept - 1] *= length;
      } else {
        lengths[kept] = length;
        aSteps[kept] = aStep;
        bSteps[kept] = bStep;
        kept++;
      }
    }
    this.output = Shape.of(dims);
    this.layout = output.elements() == 0 ? null : new PairLayout(kept, lengths, aSteps, bSteps);
  }

  /** The length of an axis, 0 for the innermost; 1 beyond the rank. */
  private static long fromInside(Shape shape, int axis) {
    int index = shape.rank() - 1 - axis;
    return index < 0 ? 1 : shape.dim(index);
  }

  boolean isOf(Shape first, Shape second) {
    return a.equals(first) && b.equals(second);
  }

  Shape outputShape() {
    return output;
  }

  /** Whether an operand of a shape is repeated. */
  boolean repeats(Shape operand) {
    return operand.elements() != output.elements();
  }

  /** Where elements lie; null where there are none. */
  PairLayout layout() {
    return layout;
  }
}
