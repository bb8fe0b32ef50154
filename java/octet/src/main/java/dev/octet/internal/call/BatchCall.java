package dev.octet.internal.call;

import dev.octet.engine.BatchMatMulCall;

/** A call of products of two run-time operands. */
@SuppressWarnings("this-escape") // operand() calls nothing
public class BatchCall extends Call {
  /** Left matrices. */
  public final Operand left = operand();
  /** F32, one a row of the left matrices; or not given. */
  public final Operand leftScales = operand();
  /** S32, one a row of the left matrices; or not given. */
  public final Operand leftZeroPoints = operand();
  /** Right matrices. */
  public final Operand right = operand();
  /** F32, one a column of the right matrices; or not given. */
  public final Operand rightScales = operand();
  /** S32, one a column of the right matrices; or not given. */
  public final Operand rightZeroPoints = operand();
  /** The results. */
  public final Operand out = operand();
  /** Sizes and strides. */
  public BatchMatMulCall sizes;

  /**
   * Sets what the caller gave.
   *
   * @param call operands, sizes and strides
   * @param bytes bytes of an element of an operand
   * @param outBytes bytes of a result
   */
  public final void set(BatchMatMulCall call, int bytes, int outBytes) {
    sizes = call;
    left.set(call.left(), bytes);
    leftScales.set(call.leftScales(), Float.BYTES);
    leftZeroPoints.set(call.leftZeroPoints(), Integer.BYTES);
    right.set(call.right(), bytes);
    rightScales.set(call.rightScales(), Float.BYTES);
    rightZeroPoints.set(call.rightZeroPoints(), Integer.BYTES);
    out.set(call.out(), outBytes);
  }

  @Override
  protected void clear() {
    super.clear();
    sizes = null;
  }
}
