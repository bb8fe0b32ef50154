package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * One call of a {@link BatchMatMulKernel}: {@code out[b] = left[b] * right[b]} for {@code batch} products of
 * {@code m x k} by {@code k x n} ({@code n x k} where the right operand is transposed). Strides are in
 * elements; a batch stride of 0 repeats the operand, and then its run-time scales and zero points too.
 *
 * <p>
 * An argument block that an op fills, lends to the kernel until its run returns, and uses again: a call of so
 * many arguments allocates nothing.
 */
public final class BatchMatMulCall {
  private MemorySegment left;
  private MemorySegment leftScales;
  private MemorySegment leftZeroPoints;
  private long leftBatch;
  private long leftRow;
  private MemorySegment right;
  private MemorySegment rightScales;
  private MemorySegment rightZeroPoints;
  private long rightBatch;
  private long rightRow;
  private MemorySegment out;
  private long outBatch;
  private long outRow;
  private int batch;
  private int m;
  private int k;
  private int n;

  /** An empty block. */
  public BatchMatMulCall() {}

  /**
   * Sets the sizes.
   *
   * @param batch the number of products
   * @param m rows of the left operand
   * @param k columns of the left operand
   * @param n columns of the result
   * @return this
   */
  public BatchMatMulCall sizes(int batch, int m, int k, int n) {
    this.batch = batch;
    this.m = m;
    this.k = k;
    this.n = n;
    return this;
  }

  /**
   * Sets the left operands.
   *
   * @param data their elements
   * @param scales F32 scale of each row, {@code [batch][m]}, unaligned; null unless the operand is per row
   *        and the output is not S32
   * @param zeroPoints S32 zero point of each row, unaligned; null: all 0
   * @return this
   */
  public BatchMatMulCall left(MemorySegment data, MemorySegment scales, MemorySegment zeroPoints) {
    this.left = data;
    this.leftScales = scales;
    this.leftZeroPoints = zeroPoints;
    return this;
  }

  /**
   * Sets the right operands.
   *
   * @param data their elements
   * @param scales F32 scale of each column, {@code [batch][n]}, unaligned; null unless the operand is per
   *        column and the output is not S32
   * @param zeroPoints S32 zero point of each column, unaligned; null: all 0
   * @return this
   */
  public BatchMatMulCall right(MemorySegment data, MemorySegment scales, MemorySegment zeroPoints) {
    this.right = data;
    this.rightScales = scales;
    this.rightZeroPoints = zeroPoints;
    return this;
  }

  /**
   * Sets the results.
   *
   * @param data their elements
   * @return this
   */
  public BatchMatMulCall out(MemorySegment data) {
    this.out = data;
    return this;
  }

  /**
   * Sets the strides of the left operands.
   *
   * @param batchStride from one operand to the next; 0 repeats it
   * @param rowStride from one row to the next
   * @return this
   */
  public BatchMatMulCall leftStrides(long batchStride, long rowStride) {
    this.leftBatch = batchStride;
    this.leftRow = rowStride;
    return this;
  }

  /**
   * Sets the strides of the right operands.
   *
   * @param batchStride from one operand to the next; 0 repeats it
   * @param rowStride from one stored row to the next
   * @return this
   */
  public BatchMatMulCall rightStrides(long batchStride, long rowStride) {
    this.rightBatch = batchStride;
    this.rightRow = rowStride;
    return this;
  }

  /**
   * Sets the strides of the results.
   *
   * @param batchStride from one result to the next
   * @param rowStride from one row to the next
   * @return this
   */
  public BatchMatMulCall outStrides(long batchStride, long rowStride) {
    this.outBatch = batchStride;
    this.outRow = rowStride;
    return this;
  }

  /** Lets go of all memory. */
  public void clear() {
    left(null, null, null).right(null, null, null).out(null);
  }

  /** The left operands. */
  public MemorySegment left() {
    return left;
  }

  /** F32 scale of each row of the left operands, {@code [batch][m]}; null unless they are per row. */
  public MemorySegment leftScales() {
    return leftScales;
  }

  /** S32 zero point of each row of the left operands; null: all 0. */
  public MemorySegment leftZeroPoints() {
    return leftZeroPoints;
  }

  /** From one left operand to the next; 0 repeats it. */
  public long leftBatch() {
    return leftBatch;
  }

  /** From one row of the left operand to the next. */
  public long leftRow() {
    return leftRow;
  }

  /** The right operands. */
  public MemorySegment right() {
    return right;
  }

  /** F32 scale of each column of the right operands, {@code [batch][n]}; null unless they are per column. */
  public MemorySegment rightScales() {
    return rightScales;
  }

  /** S32 zero point of each column of the right operands; null: all 0. */
  public MemorySegment rightZeroPoints() {
    return rightZeroPoints;
  }

  /** From one right operand to the next; 0 repeats it. */
  public long rightBatch() {
    return rightBatch;
  }

  /** From one stored row of the right operand to the next. */
  public long rightRow() {
    return rightRow;
  }

  /** The results. */
  public MemorySegment out() {
    return out;
  }

  /** From one result to the next. */
  public long outBatch() {
    return outBatch;
  }

  /** From one row of the result to the next. */
  public long outRow() {
    return outRow;
  }

  /** The number of products. */
  public int batch() {
    return batch;
  }

  /** Rows of the left operand. */
  public int m() {
    return m;
  }

  /** Columns of the left operand. */
  public int k() {
    return k;
  }

  /** Columns of the result. */
  public int n() {
    return n;
  }
}
