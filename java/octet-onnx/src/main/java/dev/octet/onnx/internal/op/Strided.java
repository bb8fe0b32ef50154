package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A copy of elements that lie in strides into dense memory: transposition, slices, broadcasting. Axes that
 * follow each other in both are taken as one.
 */
final class Strided {
  private final long[] dims;
  private final long[] strides;
  private final int bytes;

  /**
   * Plans a copy.
   *
   * @param dims the shape of the result
   * @param strides of the source in elements, one for each axis of the result
   * @param bytes of an element
   */
  Strided(long[] dims, long[] strides, int bytes) {
    long[] shape = new long[dims.length + 1];
    long[] steps = new long[dims.length + 1];
    int rank = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims[axis] == 1) {
        continue;
      }
      if (rank > 0 && steps[rank - 1] == strides[axis] * dims[axis]) {
        shape[rank - 1] *= dims[axis];
        steps[rank - 1] = strides[axis];
      } else {
        shape[rank] = dims[axis];
        steps[rank++] = strides[axis];
      }
    }
    if (rank == 0) {
      shape[rank++] = 1;
    }
    this.dims = Arrays.copyOf(shape, rank);
    this.strides = Arrays.copyOf(steps, rank);
    this.bytes = bytes;
  }

  /** Copies at least one element, from one of the source on. */
  void copy(MemorySegment from, long first, MemorySegment to) {
    copy(0, from, first, to, 0);
  }

  /** Copies what lies behind an axis; returns the element of the result behind it. */
  private long copy(int axis, MemorySegment from, long at, MemorySegment to, long place) {
    long count = dims[axis];
    long stride = strides[axis];
    if (axis < dims.length - 1) {
      long next = place;
      for (long i = 0; i < count; i++) {
        next = copy(axis + 1, from, at + i * stride, to, next);
      }
      return next;
    }
    if (stride == 1) {
      MemorySegment.copy(from, at * bytes, to, place * bytes, count * bytes);
      return place + count;
    }
    switch (bytes) {
      case 4 -> {
        for (long i = 0; i < count; i++) {
          to.set(Elements.INT, 4 * (place + i), from.get(Elements.INT, 4 * (at + i * stride)));
        }
      }
      case 8 -> {
        for (long i = 0; i < count; i++) {
          to.set(Elements.LONG, 8 * (place + i), from.get(Elements.LONG, 8 * (at + i * stride)));
        }
      }
      default -> {
        for (long i = 0; i < count; i++) {
          to.set(Elements.BYTE, place + i, from.get(Elements.BYTE, at + i * stride));
        }
      }
    }
    return place + count;
  }

  /** The strides of a dense tensor. */
  static long[] dense(long[] dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return strides;
  }

  /** The strides of a dense tensor that is broadcast to a shape of as many axes or more. */
  static long[] broadcast(long[] dims, long[] to) {
    long[] own = dense(dims);
    long[] strides = new long[to.length];
    for (int axis = 0; axis < dims.length; axis++) {
      strides[axis + to.length - dims.length] = dims[axis] == 1 ? 0 : own[axis];
    }
    return strides;
  }
}
