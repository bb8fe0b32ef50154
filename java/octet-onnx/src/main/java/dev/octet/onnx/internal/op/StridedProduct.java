package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.BatchArguments;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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

  /** What multiplies. */
  @FunctionalInterface
  interface Product {
    /** Runs an op of Octet. */
    void run(BatchArguments arguments);
  }

  private final Product op;
  private final int inBytes;
  private final int outBytes;
  private final long[] batches;
  private final Side left;
  private final Side right;
  private final Side out;
  private final int m;
  private final int k;
  private final int n;

  private StridedProduct(Product op, int inBytes, int outBytes, boolean rightTransposed, Products sizes,
      long[][] strides) {
    this.op = op;
    this.inBytes = inBytes;
    this.outBytes = outBytes;
    this.m = Runs.count("rows", sizes.m());
    this.k = sizes.k();
    this.n = sizes.n();
    long[][] sides = strides.clone();
    this.batches = joined(sizes.batches(), sides);
    int rows = strides[0].length - 2;
    this.left = new Side(sides[0], strides[0][rows]);
    this.right = new Side(sides[1], strides[1][rightTransposed ? rows + 1 : rows]);
    this.out = new Side(sides[2], strides[2][rows]);
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

  /** Of dense tensors of floats, whose batches are broadcast. */
  static Step dense(Product op, Known left, Known right) {
    Products sizes = new Products(left, right);
    if (sizes.k() == 0) {
      return (in, to, scratch) -> to[0].fill((byte) 0);
    }
    return new StridedProduct(op, Float.BYTES, Float.BYTES, false, sizes,
        new long[][]{sizes.leftStrides(), sizes.rightStrides(), sizes.denseStrides()});
  }

  /**
   * Of tensors whose axes are in another order.
   *
   * @param op multiplies, with right matrices transposed where they lie so
   * @param axes {@link ProductAxes#areOffered}
   * @param empty what the bytes of a result are where there is nothing to be added up
   */
  static Step of(Product op, ProductAxes axes, Known left, Known right, Known result, int empty) {
    Products sizes = new Products(axes.left(left), axes.right(right));
    if (sizes.k() == 0) {
      return (in, to, scratch) -> to[0].fill((byte) empty);
    }
    long[] dense = Strided.dense(result.dims());
    long[] outStrides = new long[dense.length];
    IntStream.range(0, dense.length).forEach(axis -> outStrides[axes.out().get(axis)] = dense[axis]);
    return new StridedProduct(op, left.type().bytes(), result.type().bytes(), axes.isRightTransposed(), sizes,
        new long[][]{strides(left, axes.left(), dense.length), strides(right, axes.right(), dense.length),
            outStrides});
  }

  /**
   * The strides of a dense tensor whose axes are permuted, for as many axes as the product has; axes of one
   * element and those that are not there are repeated.
   */
  private static long[] strides(Known tensor, List<Integer> axes, int rank) {
    long[] dense = Strided.dense(tensor.dims());
    long[] strides = new long[rank];
    int missing = rank - axes.size();
    for (int axis = 0; axis < axes.size(); axis++) {
      boolean repeats = axis < axes.size() - 2 && tensor.dims()[axes.get(axis)] == 1;
      strides[missing + axis] = repeats ? 0 : dense[axes.get(axis)];
    }
    return strides;
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
      op.run(arguments.left(from(in[0], left, inBytes, run, together))
          .right(from(in[1], right, inBytes, run, together))
          .out(from(to[0], out, outBytes, run, together)));
    }
  }

  /** Whether results of a batch lie behind or beside each other, as Octet's op has them. */
  private boolean apart(long count, long stride) {
    return count == 1 || stride >= (m - 1) * out.row + n
        || (stride >= n && out.row >= (count - 1) * stride + n);
  }

  /** The matrices of a run. */
  private MemorySegment from(MemorySegment all, Side side, int bytes, long run, boolean together) {
    long rest = run;
    long at = 0;
    for (int axis = batches.length - (together ? 2 : 1); axis >= 0; axis--) {
      at += rest % batches[axis] * side.batches[axis];
      rest /= batches[axis];
    }
    return Runs.from(bytes * at, all);
  }
}
