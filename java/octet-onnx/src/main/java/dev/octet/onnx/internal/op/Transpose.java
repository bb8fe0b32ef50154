package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Permutes the axes.
 *
 * @param axes of the input, in the order of the result; null for the opposite order
 */
public record Transpose(long[] axes) implements Op {
  static Transpose read(Attributes attributes) {
    return new Transpose(attributes.integers("perm"));
  }

  @Override
  public String type() {
    return "Transpose";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Known data = inputs.getFirst();
    if (!data.hasRank()) {
      return List.of(Known.shaped(data.type(), axes == null ? null : Dims.unknown(axes.length)));
    }
    return List.of(Known.of(data.type(),
        Arrays.stream(order(data.rank())).mapToLong(axis -> data.dims()[axis]).toArray()));
  }

  /** Whether the axes get the opposite order: a matrix is transposed. */
  public boolean isOpposite(int rank) {
    return Arrays.equals(order(rank), IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray());
  }

  /**
   * The axis of the input that each axis of the result is.
   *
   * @param rank of the input
   * @throws IllegalArgumentException if there are others
   */
  public int[] order(int rank) {
    if (axes == null) {
      return IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
    }
    if (axes.length != rank
        || !Arrays.equals(Dims.axes("perm", axes, rank), IntStream.range(0, rank).toArray())) {
      throw new IllegalArgumentException(
          "perm: expected the " + rank + " axes of the input in any order, got " + Arrays.toString(axes));
    }
    return Arrays.stream(axes).mapToInt(axis -> Dims.axis("perm", axis, rank)).toArray();
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Known data = in.getFirst();
      long[] dense = Strided.dense(data.dims());
      long[] strides = Arrays.stream(order(data.rank())).mapToLong(axis -> dense[axis]).toArray();
      Strided copy = new Strided(out.getFirst().dims(), strides, data.type().bytes());
      return (from, to, scratch) -> copy.copy(from[0], 0, to[0]);
    };
  }
}
