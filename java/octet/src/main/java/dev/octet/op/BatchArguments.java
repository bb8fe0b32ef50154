package dev.octet.op;

import dev.octet.engine.BatchMatMulCall;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Arguments of {@link BatchMatMul#run(BatchArguments)} and {@link Sgemm#run(BatchArguments)}: operands,
 * output, sizes and strides. Mutable and reusable: set what is fixed once, change the rest, and run any
 * number of times. Not safe for use by multiple threads: each thread has arguments of its own.
 *
 * {@snippet :
 * BatchArguments arguments = new BatchArguments().sizes(heads, queries, depth, tokens)
 *     .rightStrides(maxTokens * depth, depth); // keys lie in a longer cache
 * scores.run(arguments.left(queries).right(keyCache).out(result));
 * }
 *
 * <p>
 * Strides are in elements. Operands and output are dense unless strides are set. A batch stride of 0 repeats
 * an operand for every product of the batch. Operands may lie inside each other, such as heads side by side
 * in the rows of tokens; products of the output must not share an element. The setters check nothing but null
 * data; each run checks that all arguments fit each other and the op.
 *
 * <p>
 * The segments are referenced until they are replaced or {@link #clear} is called.
 */
public final class BatchArguments {
  private @Nullable MemorySegment left;
  private @Nullable MemorySegment leftScales;
  private @Nullable MemorySegment leftZeroPoints;
  private @Nullable MemorySegment right;
  private @Nullable MemorySegment rightScales;
  private @Nullable MemorySegment rightZeroPoints;
  private @Nullable MemorySegment out;
  private boolean sized;
  private int batch;
  private int m;
  private int k;
  private int n;
  private boolean leftDense = true;
  private long leftBatch;
  private long leftRow;
  private boolean rightDense = true;
  private long rightBatch;
  private long rightRow;
  private boolean outDense = true;
  private long outBatch;
  private long outRow;

  /** Creates arguments without segments and sizes, with dense operands and output. */
  public BatchArguments() {}

  /**
   * Sets the sizes.
   *
   * @param batch the number of products, 0 or more
   * @param m the rows of a left matrix, 0 or more
   * @param k the columns of a left matrix, 1 or more
   * @param n the columns of a product, 0 or more
   * @return this
   */
  public BatchArguments sizes(int batch, int m, int k, int n) {
    this.sized = true;
    this.batch = batch;
    this.m = m;
    this.k = k;
    this.n = n;
    return this;
  }

  /**
   * Sets the left operand, without scales and zero points.
   *
   * @param data the left matrices of m rows and k columns
   * @return this
   */
  public BatchArguments left(MemorySegment data) {
    return left(data, null, null);
  }

  /**
   * Sets the left operand with a scale and zero point for each row.
   *
   * @param data the left matrices of m rows and k columns
   * @param scales F32 {@code [batch][m]}, dense, {@code [m]} if the batch stride is 0; positive and finite
   *        (not checked); null if the operand was prepared with one scale. Ignored with S32 output
   * @param zeroPoints S32, as many as scales, within the range of the type (not checked); null if all are 0
   *        or the operand was prepared with one zero point
   * @return this
   */
  @SuppressWarnings("exports") // of an annotation, see module-info
  public BatchArguments left(MemorySegment data, @Nullable MemorySegment scales,
      @Nullable MemorySegment zeroPoints) {
    this.left = Objects.requireNonNull(data, "data");
    this.leftScales = scales;
    this.leftZeroPoints = zeroPoints;
    return this;
  }

  /**
   * Sets the right operand, without scales and zero points.
   *
   * @param data the right matrices of k rows and n columns, of n rows and k columns if transposed
   * @return this
   */
  public BatchArguments right(MemorySegment data) {
    return right(data, null, null);
  }

  /**
   * Sets the right operand with a scale and zero point for each column.
   *
   * @param data the right matrices of k rows and n columns, of n rows and k columns if transposed
   * @param scales F32 {@code [batch][n]}, dense, {@code [n]} if the batch stride is 0; positive and finite
   *        (not checked); null if the operand was prepared with one scale. Ignored with S32 output
   * @param zeroPoints S32, as many as scales, within the range of the type (not checked); null if all are 0
   *        or the operand was prepared with one zero point
   * @return this
   */
  @SuppressWarnings("exports") // of an annotation, see module-info
  public BatchArguments right(MemorySegment data, @Nullable MemorySegment scales,
      @Nullable MemorySegment zeroPoints) {
    this.right = Objects.requireNonNull(data, "data");
    this.rightScales = scales;
    this.rightZeroPoints = zeroPoints;
    return this;
  }

  /**
   * Sets the output.
   *
   * @param data takes the products of m rows and n columns, of the output type; shares no byte with an
   *        operand. Bytes between the rows are not written
   * @return this
   */
  public BatchArguments out(MemorySegment data) {
    this.out = Objects.requireNonNull(data, "data");
    return this;
  }

  /**
   * Sets the strides of the left operand.
   *
   * @param batchStride the distance from one matrix to the next in elements, 0 or more; 0 repeats the matrix
   * @param rowStride the distance from one row to the next in elements, k or more
   * @return this
   */
  public BatchArguments leftStrides(long batchStride, long rowStride) {
    this.leftDense = false;
    this.leftBatch = batchStride;
    this.leftRow = rowStride;
    return this;
  }

  /**
   * Sets the strides of the right operand.
   *
   * @param batchStride the distance from one matrix to the next in elements, 0 or more; 0 repeats the matrix
   * @param rowStride the distance from one stored row to the next in elements, n or more, k or more if
   *        transposed
   * @return this
   */
  public BatchArguments rightStrides(long batchStride, long rowStride) {
    this.rightDense = false;
    this.rightBatch = batchStride;
    this.rightRow = rowStride;
    return this;
  }

  /**
   * Sets the strides of the output.
   *
   * @param batchStride the distance from one product to the next in elements
   * @param rowStride the distance from one row to the next in elements, n or more
   * @return this
   */
  public BatchArguments outStrides(long batchStride, long rowStride) {
    this.outDense = false;
    this.outBatch = batchStride;
    this.outRow = rowStride;
    return this;
  }

  /**
   * Makes operands and output dense again, as they are unless strides are set.
   *
   * @return this
   */
  public BatchArguments dense() {
    this.leftDense = true;
    this.rightDense = true;
    this.outDense = true;
    return this;
  }

  /**
   * Removes all segments, so that their memory can be freed. Sizes and strides stay.
   *
   * @return this
   */
  public BatchArguments clear() {
    this.left = null;
    this.leftScales = null;
    this.leftZeroPoints = null;
    this.right = null;
    this.rightScales = null;
    this.rightZeroPoints = null;
    this.out = null;
    return this;
  }

  /**
   * Copies these arguments to a call, so that changing them during the run does not undo its checks.
   *
   * @throws IllegalArgumentException if there are no sizes
   */
  void copyTo(BatchMatMulCall call, boolean rightTransposed) {
    if (!sized) {
      throw new IllegalArgumentException("sizes: not given");
    }
    call.left(left, leftScales, leftZeroPoints).right(right, rightScales, rightZeroPoints).out(out)
        .dense(batch, m, k, n, rightTransposed);
    if (!leftDense) {
      call.leftStrides(leftBatch, leftRow);
    }
    if (!rightDense) {
      call.rightStrides(rightBatch, rightRow);
    }
    if (!outDense) {
      call.outStrides(outBatch, outRow);
    }
  }
}
