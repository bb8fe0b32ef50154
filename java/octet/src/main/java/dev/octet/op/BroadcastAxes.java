package dev.octet.op;

import dev.octet.Shape;

/**
 * Axes of two shapes that are broadcast to one, as ONNX and numpy do it: aligned at the innermost; an axis of
 * length 1, or one that is missing, is repeated. Axes on which both operands go on where the axis inside of
 * them ends become one with it, so that few are left.
 */
final class BroadcastAxes {
  /** What two lengths that do not fit each other are to be told by. */
  @FunctionalInterface
  interface Refusal {
    /**
     * Makes the exception.
     *
     * @param left a length of the left operand
     * @param right the other length
     * @param axis of the result, 0 for the outermost
     */
    IllegalArgumentException of(long left, long right, int axis);
  }

  /** The lengths of the result, outermost first. */
  final long[] dims;
  /** How many axes are left. */
  final int kept;
  /** The length of each axis that is left, innermost first. */
  final long[] lengths;
  /** How far the left operand is from one index of such an axis to the next; 0 where it is repeated. */
  final long[] leftSteps;
  /** Likewise of the right operand. */
  final long[] rightSteps;
  /** The product of the left operand's lengths. */
  final long leftCount;
  /** Likewise of the right operand. */
  final long rightCount;

  /**
   * Broadcasts.
   *
   * @param left the shape of the left operand
   * @param right the shape of the right operand
   * @param inner how many innermost axes of both are of no concern
   * @param refusal for two lengths of which neither is 1
   */
  BroadcastAxes(Shape left, Shape right, int inner, Refusal refusal) {
    int axes = Math.max(left.rank(), right.rank()) - inner;
    dims = new long[axes];
    lengths = new long[axes];
    leftSteps = new long[axes];
    rightSteps = new long[axes];
    int some = 0;
    long ofLeft = 1;
    long ofRight = 1;
    for (int axis = 0; axis < axes; axis++) {
      long l = fromInside(left, inner + axis);
      long r = fromInside(right, inner + axis);
      int outside = axes - 1 - axis;
      if (l != r && l != 1 && r != 1) {
        throw refusal.of(l, r, outside);
      }
      long length = l == 1 ? r : l;
      long leftStep = l == 1 ? 0 : ofLeft;
      long rightStep = r == 1 ? 0 : ofRight;
      dims[outside] = length;
      ofLeft *= l;
      ofRight *= r;
      if (length == 1) {
        continue;
      }
      if (some > 0 && leftStep == leftSteps[some - 1] * lengths[some - 1]
          && rightStep == rightSteps[some - 1] * lengths[some - 1]) {
        lengths[some - 1] *= length; // this axis goes on where the one inside of it ends
      } else {
        lengths[some] = length;
        leftSteps[some] = leftStep;
        rightSteps[some] = rightStep;
        some++;
      }
    }
    kept = some;
    leftCount = ofLeft;
    rightCount = ofRight;
  }

  /** Returns the length of an axis, 0 for the innermost; 1 beyond the rank. */
  private static long fromInside(Shape shape, int axis) {
    int index = shape.rank() - 1 - axis;
    return index < 0 ? 1 : shape.dim(index);
  }
}
