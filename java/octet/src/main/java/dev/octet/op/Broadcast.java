package dev.octet.op;

import dev.octet.Shape;
import java.util.Arrays;

/**
 * Broadcasting of a batch of products, as in numpy and ONNX MatMul: sizes, the shape of the output, and the
 * uniform runs that compute it. In a run, each operand either advances by one matrix from product to product
 * or stays at one matrix.
 */
final class Broadcast {
  private final Shape left;
  private final Shape right;
  private final Shape output;
  private final int m;
  private final int k;
  private final int n;
  private final long leftMatrices;
  private final long rightMatrices;
  private final int batch;
  private final boolean leftMoves;
  private final boolean rightMoves;
  private final long runs;
  /** Lengths of the axes outside a run, innermost first, and the matrices per step on each. */
  private final long[] outer;
  private final long[] leftOuter;
  private final long[] rightOuter;

  Broadcast(Shape left, Shape right, boolean rightTransposed) {
    this.left = left;
    this.right = right;
    matrices("left", left, "m, k");
    matrices("right", right, rightTransposed ? "n, k" : "k, n");
    this.m = left.intDim(left.rank() - 2);
    this.k = left.intDim(left.rank() - 1);
    this.n = right.intDim(right.rank() - (rightTransposed ? 2 : 1));
    long rightK = right.dim(right.rank() - (rightTransposed ? 1 : 2));
    if (rightK != k) {
      throw new IllegalArgumentException(
          "right: expected k = " + k + " as in left " + left + ", got " + rightK + " in " + right);
    }
    BroadcastAxes axes = new BroadcastAxes(left, right, 2,
        (l, r, axis) -> new IllegalArgumentException("right: " + right + " cannot be broadcast with left "
            + left + ": " + r + " and " + l + " differ and neither is 1"));
    int kept = axes.kept;
    long[] dims = Arrays.copyOf(axes.dims, axes.dims.length + 2);
    dims[axes.dims.length] = m;
    dims[axes.dims.length + 1] = n;
    this.output = Shape.of(dims);
    this.leftMatrices = axes.leftCount;
    this.rightMatrices = axes.rightCount;
    long run = kept == 0 ? 1 : axes.lengths[0];
    if (run > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "left " + left + " x right " + right + ": a batch of " + run + " products exceeds 2^31 - 1");
    }
    this.batch = (int) run;
    this.leftMoves = kept == 0 || axes.leftSteps[0] != 0;
    this.rightMoves = kept == 0 || axes.rightSteps[0] != 0;
    this.outer = Arrays.copyOfRange(axes.lengths, Math.min(1, kept), kept);
    this.leftOuter = Arrays.copyOfRange(axes.leftSteps, Math.min(1, kept), kept);
    this.rightOuter = Arrays.copyOfRange(axes.rightSteps, Math.min(1, kept), kept);
    this.runs = Arrays.stream(outer).reduce(1, (a, b) -> a * b);
  }

  private static void matrices(String operand, Shape shape, String last) {
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(operand + ": expected [..., " + last + "], got " + shape);
    }
  }

  boolean isOf(Shape left, Shape right) {
    return this.left.equals(left) && this.right.equals(right);
  }

  /** Returns the shape of the output, {@code [..., m, n]}. */
  Shape outputShape() {
    return output;
  }

  int m() {
    return m;
  }

  int k() {
    return k;
  }

  int n() {
    return n;
  }

  /** Returns the number of matrices of the left operand. */
  long leftMatrices() {
    return leftMatrices;
  }

  /** Returns the number of matrices of the right operand. */
  long rightMatrices() {
    return rightMatrices;
  }

  /** Returns the number of products of a run. */
  int batch() {
    return batch;
  }

  /** Returns the number of left matrices, 0 or 1, from one product of a run to the next. */
  int leftStep() {
    return leftMoves ? 1 : 0;
  }

  /** Returns the number of right matrices, 0 or 1, from one product of a run to the next. */
  int rightStep() {
    return rightMoves ? 1 : 0;
  }

  /** Returns the number of runs, whose results are consecutive. */
  long runs() {
    return runs;
  }

  /** Returns the index of the first left matrix of a run. */
  long leftMatrix(long run) {
    return matrix(run, leftOuter);
  }

  /** Returns the index of the first right matrix of a run. */
  long rightMatrix(long run) {
    return matrix(run, rightOuter);
  }

  private long matrix(long run, long[] steps) {
    long rest = run;
    long matrix = 0;
    for (int axis = 0; axis < outer.length; axis++) {
      matrix += rest % outer[axis] * steps[axis];
      rest /= outer[axis];
    }
    return matrix;
  }
}
