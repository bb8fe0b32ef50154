package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.BatchArguments;
import dev.octet.op.Sgemm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products of matrices that lie in strides, on the last two of their axes; the axes before count the
 * products.
 */
final class StridedProduct implements Step {
  /**
   * One operand, or the result.
   *
   * @param batches from one product to the next in elements, for each axis before the last two; 0 repeats
   * @param row from one stored row to the next
   */
  private record Side(long[] batches, long row) {}

  private final Sgemm op;
  private final long[] batches;
  private final Side left;
  private final Side right;
  private final Side out;
  private final int m;
  private final int k;
  private final int n;

  /**
   * Plans.
   *
   * @param op multiplies
   * @param rightTransposed whether it takes right matrices transposed
   * @param sizes of the products
   * @param leftStrides of the left tensor, one for each axis of the product's rank
   * @param rightStrides of the right tensor, likewise
   * @param outStrides of the result
   */
  private StridedProduct(Sgemm op, boolean rightTransposed, Products sizes, long[] leftStrides,
      long[] rightStrides, long[] outStrides) {
    this.op = op;
    this.m = Runs.count("rows", sizes.m());
    this.k = sizes.k();
    this.n = sizes.n();
    long[][] sides = {leftStrides, rightStrides, outStrides};
    long[] dims = joined(sizes.batches(), sides);
    this.batches = dims;
    int rows = leftStrides.length - 2;
    this.left = new Side(sides[0], leftStrides[rows]);
    this.right = new Side(sides[1], rightStrides[rightTransposed ? rows + 1 : rows]);
    this.out = new Side(sides[2], outStrides[rows]);
  }

  /** Takes axes that follow each other on all sides as one; puts the strides of what is left into sides. */
  private static long[] joined(long[] batches, long[][] sides) {
    long[] dims = new long[batches.length + 1];
    long[][] steps = new long[sides.length][batches.length + 1];
    int rank = 0;
    for (int axis = 0; axis < batches.length; axis++) {
      if (batches[axis] == 1) {
        continue;
      }
      boolean follows = rank > 0;
      for (int side = 0; side < sides.length && follows; side++) {
        follows = steps[side][rank - 1] == sides[side][axis] * batches[axis];
      }
      if (follows) {
        dims[rank - 1] *= batches[axis];
      } else {
        dims[rank++] = batches[axis];
      }
      for (int side = 0; side < sides.length; side++) {
        steps[side][rank - 1] = sides[side][axis];
      }
    }
    if (rank == 0) {
      dims[rank++] = 1;
    }
    for (int side = 0; side < sides.length; side++) {
      sides[side] = Arrays.copyOf(steps[side], rank);
    }
    return Arrays.copyOf(dims, rank);
  }

  /** Of dense tensors, whose batches are broadcast. */
  static Step dense(Sgemm op, Known left, Known right) {
    Products sizes = new Products(left, right);
    return of(op, false, sizes, sizes.leftStrides(), sizes.rightStrides(), sizes.denseStrides());
  }

  /**
   * Of tensors in strides.
   *
   * @param op multiplies
   * @param rightTransposed whether it takes right matrices transposed: the axis of K has the stride 1, not
   *        the one of the columns
   */
  static Step of(Sgemm op, boolean rightTransposed, Products sizes, long[] leftStrides, long[] rightStrides,
      long[] outStrides) {
    if (sizes.k() == 0) {
      return (in, to, scratch) -> to[0].fill((byte) 0);
    }
    return new StridedProduct(op, rightTransposed, sizes, leftStrides, rightStrides, outStrides);
  }

  @Override
  public void run(MemorySegment[] in, MemorySegment[] to, Scratch scratch) {
    BatchArguments arguments = new BatchArguments();
    int last = batches.length - 1;
    boolean together = apart(batches[last], out.batches[last]);
    int count = together ? Runs.count("products", batches[last]) : 1;
    arguments.sizes(count, m, k, n).leftStrides(left.batches[last], left.row)
        .rightStrides(right.batches[last], right.row).outStrides(out.batches[last], out.row);
    long runs = Dims.product(batches, 0, last) * (together ? 1 : batches[last]);
    for (long run = 0; run < runs; run++) {
      op.run(arguments.left(from(in[0], left, run, together)).right(from(in[1], right, run, together))
          .out(from(to[0], out, run, together)));
    }
  }

  /** Whether results of a batch lie behind or beside each other, as Octet's op has them. */
  private boolean apart(long count, long stride) {
    return count == 1 || stride >= (m - 1) * out.row + n
        || (stride >= n && out.row >= (count - 1) * stride + n);
  }

  /** The matrices of a run. */
  private MemorySegment from(MemorySegment all, Side side, long run, boolean together) {
    long rest = run;
    long at = 0;
    for (int axis = batches.length - (together ? 2 : 1); axis >= 0; axis--) {
      at += rest % batches[axis] * side.batches[axis];
      rest /= batches[axis];
    }
    return at == 0 ? all : all.asSlice(Float.BYTES * at);
  }
}
