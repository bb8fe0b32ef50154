package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;

/**
 * The sizes of a product of two tensors, by the rules of MatMul: matrices on the last two axes, batches
 * before.
 */
final class Products {
  private final long[] batches;
  private final long[] leftStrides;
  private final long[] rightStrides;
  private final long m;
  private final int k;
  private final int n;

  /** Sizes of tensors of known shapes that fit each other. */
  Products(Known left, Known right) {
    long[] a = matrix(left.dims(), true);
    long[] b = matrix(right.dims(), false);
    long[] leftBatch = Arrays.copyOf(a, a.length - 2);
    long[] rightBatch = Arrays.copyOf(b, b.length - 2);
    this.batches = Dims.broadcast(leftBatch, rightBatch);
    this.leftStrides = Strided.broadcast(leftBatch, batches);
    this.rightStrides = Strided.broadcast(rightBatch, batches);
    this.m = a[a.length - 2];
    if (Math.max(a[a.length - 1], b[b.length - 1]) > Integer.MAX_VALUE - 8) {
      throw new UnsupportedOperationException("rows of more than 2^31 - 9 elements are not offered");
    }
    this.k = (int) a[a.length - 1];
    this.n = (int) b[b.length - 1];
  }

  /** The shape of a product; null where its rank is not known. */
  static long[] shape(Known left, Known right) {
    if (!left.hasRank() || !right.hasRank()) {
      return null;
    }
    if (left.rank() == 0 || right.rank() == 0) {
      throw new IllegalArgumentException("expected vectors or matrices, got " + left + " and " + right);
    }
    long[] a = matrix(left.dims(), true);
    long[] b = matrix(right.dims(), false);
    long k = a[a.length - 1];
    long other = b[b.length - 2];
    if (k >= 0 && other >= 0 && k != other) {
      throw new IllegalArgumentException("the columns of " + left + " are not the rows of " + right);
    }
    long[] batch = Dims.broadcast(Arrays.copyOf(a, a.length - 2), Arrays.copyOf(b, b.length - 2));
    boolean row = left.rank() > 1;
    boolean column = right.rank() > 1;
    long[] result = Arrays.copyOf(batch, batch.length + (row ? 1 : 0) + (column ? 1 : 0));
    int at = batch.length;
    if (row) {
      result[at++] = a[a.length - 2];
    }
    if (column) {
      result[at] = b[b.length - 1];
    }
    return result;
  }

  /** A vector on the left is a row, one on the right a column. */
  private static long[] matrix(long[] dims, boolean left) {
    return dims.length > 1 ? dims : left ? new long[]{1, dims[0]} : new long[]{dims[0], 1};
  }

  /** How many products there are, along each axis before the last two. */
  long[] batches() {
    return batches;
  }

  /** The strides of the left tensor for each axis of the products, that of K the last; 0 repeats. */
  long[] leftStrides() {
    return strides(leftStrides, m * k, k);
  }

  /** The strides of the right tensor for each axis of the products, that of K the last but one; 0 repeats. */
  long[] rightStrides() {
    return strides(rightStrides, (long) k * n, n);
  }

  /** The strides of a dense result. */
  long[] denseStrides() {
    return strides(Strided.dense(batches), m * n, n);
  }

  private static long[] strides(long[] ofMatrices, long matrix, long row) {
    long[] strides = new long[ofMatrices.length + 2];
    for (int axis = 0; axis < ofMatrices.length; axis++) {
      strides[axis] = ofMatrices[axis] * matrix;
    }
    strides[ofMatrices.length] = row;
    strides[ofMatrices.length + 1] = 1;
    return strides;
  }

  /** Rows of the left matrices. */
  long m() {
    return m;
  }

  /** Columns of the left matrices. */
  int k() {
    return k;
  }

  /** Columns of the right matrices. */
  int n() {
    return n;
  }

  /** How many products there are in all. */
  long batch() {
    return Dims.product(batches, 0, batches.length);
  }

  /** Which matrix on the left a product has. */
  long left(long product) {
    return matrix(product, leftStrides);
  }

  /** Which matrix on the right a product has. */
  long right(long product) {
    return matrix(product, rightStrides);
  }

  private long matrix(long product, long[] strides) {
    long rest = product;
    long matrix = 0;
    for (int axis = batches.length - 1; axis >= 0; axis--) {
      matrix += rest % batches[axis] * strides[axis];
      rest /= batches[axis];
    }
    return matrix;
  }
}
