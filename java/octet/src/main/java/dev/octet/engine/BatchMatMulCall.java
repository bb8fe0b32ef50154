package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Arguments of one call of a {@link BatchMatMulKernel}: {@code out[b] = left[b] * right[b]} for {@code batch}
 * products of {@code m x k} by {@code k x n} ({@code n x k} where the right operand is transposed). Strides
 * are in elements; a batch stride of 0 repeats the operand, with its scales and zero points of the run.
 *
 * <p>
 * Mutable and reused: an op fills the arguments, lends them to the kernel for one run, and clears them
 * afterwards, so that a run allocates nothing.
 */
public final class BatchMatMulCall {
  private @Nullable MemorySegment left;
  private @Nullable MemorySegment leftScales;
  private @Nullable MemorySegment leftZeroPoints;
  private long leftBatch;
  private long leftRow;
  private @Nullable MemorySegment right;
  private @Nullable MemorySegment rightScales;
  private @Nullable MemorySegment rightZeroPoints;
  private long rightBatch;
  private long rightRow;
  private @Nullable MemorySegment out;
  private long outBatch;
  private long outRow;
  private int batch;
  private int m;
  private int k;
  private int n;

  /** Creates empty arguments. */
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
   * @param zeroPoints S32 zero point of each row, unaligned; null if all are 0
   * @return this
   */
  public BatchMatMulCall left(@Nullable MemorySegment data, @Nullable MemorySegment scales,
      @Nullable MemorySegment zeroPoints) {
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
   * @param zeroPoints S32 zero point of each column, unaligned; null if all are 0
   * @return this
   */
  public BatchMatMulCall right(@Nullable MemorySegment data, @Nullable MemorySegment scales,
      @Nullable MemorySegment zeroPoints) {
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
  public BatchMatMulCall out(@Nullable MemorySegment data) {
    this.out = data;
    return this;
  }

  /**
   * Sets the strides of the left operands.
   *
   * @param batchStride the distance from one operand to the next; 0 repeats it
   * @param rowStride the distance from one row to the next
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
   * @param batchStride the distance from one operand to the next; 0 repeats it
   * @param rowStride the distance from one stored row to the next
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
   * @param batchStride the distance from one result to the next
   * @param rowStride the distance from one row to the next
   * @return this
   */
  public BatchMatMulCall outStrides(long batchStride, long rowStride) {
    this.outBatch = batchStride;
    this.outRow = rowStride;
    return this;
  }

  /**
   * Sets the sizes and the strides of dense operands and results.
   *
   * @param batch the number of products
   * @param m rows of the left operand
   * @param k columns of the left operand
   * @param n columns of the result
   * @param rightTransposed whether the right operand is stored {@code [N][K]}
   * @return this
   */
  public BatchMatMulCall dense(int batch, int m, int k, int n, boolean rightTransposed) {
    return sizes(batch, m, k, n).leftStrides((long) m * k, k)
        .rightStrides((long) k * n, rightTransposed ? k : n).outStrides((long) m * n, n);
  }

  /** Removes all references to memory. */
  public void clear() {
    left(null, null, null).right(null, null, null).out(null);
  }

  /** Returns the left operands. */
  public MemorySegment left() {
    return left;
  }

  /**
   * Returns the F32 scale of each row of the left operands, {@code [batch][m]}; null unless they are per row.
   */
  public @Nullable MemorySegment leftScales() {
    return leftScales;
  }

  /** Returns the S32 zero point of each row of the left operands; null if all are 0. */
  public @Nullable MemorySegment leftZeroPoints() {
    return leftZeroPoints;
  }

  /** Returns the distance from one left operand to the next; 0 repeats it. */
  public long leftBatch() {
    return leftBatch;
  }

  /** Returns the distance from one row of the left operand to the next. */
  public long leftRow() {
    return leftRow;
  }

  /** Returns the right operands. */
  public MemorySegment right() {
    return right;
  }

  /**
   * Returns the F32 scale of each column of the right operands, {@code [batch][n]}; null unless they are per
   * column.
   */
  public @Nullable MemorySegment rightScales() {
    return rightScales;
  }

  /** Returns the S32 zero point of each column of the right operands; null if all are 0. */
  public @Nullable MemorySegment rightZeroPoints() {
    return rightZeroPoints;
  }

  /** Returns the distance from one right operand to the next; 0 repeats it. */
  public long rightBatch() {
    return rightBatch;
  }

  /** Returns the distance from one stored row of the right operand to the next. */
  public long rightRow() {
    return rightRow;
  }

  /** Returns the results. */
  public MemorySegment out() {
    return out;
  }

  /** Returns the distance from one result to the next. */
  public long outBatch() {
    return outBatch;
  }

  /** Returns the distance from one row of the result to the next. */
  public long outRow() {
    return outRow;
  }

  /** Returns the number of products. */
  public int batch() {
    return batch;
  }

  /** Returns the rows of the left operand. */
  public int m() {
    return m;
  }

  /** Returns the columns of the left operand. */
  public int k() {
    return k;
  }

  /** Returns the columns of the result. */
  public int n() {
    return n;
  }
}
