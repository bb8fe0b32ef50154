package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a pass makes of a {@link MatMul} whose inputs or result are transposed, as the heads of attention are:
 * a product of matrices where they lie.
 *
 * @param left the axis of the left input that each axis of the left tensor is
 * @param right likewise
 * @param out the axis of the product that each axis of the result is
 */
public record TransposedMatMul(List<Integer> left, List<Integer> right, List<Integer> out) implements Op {
  /**
   * Whether there is a product: the last axis of the left tensor and of the result, and one of the last two
   * of the right one, are the last ones in memory.
   */
  public boolean isOffered() {
    int last = left.size() - 1;
    return left.get(last) == last && out.get(last) == last
        && (right.get(last) == last || right.get(last - 1) == last);
  }

  private boolean isRightTransposed() {
    return right.getLast() != right.size() - 1;
  }

  @Override
  public String type() {
    return "TransposedMatMul";
  }

  private static Known permuted(Known tensor, List<Integer> axes) {
    return tensor.hasRank()
        ? Known.of(tensor.type(), axes.stream().mapToLong(axis -> tensor.dims()[axis]).toArray())
        : tensor;
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.floats(inputs);
    long[] product = Products.shape(permuted(inputs.get(0), left), permuted(inputs.get(1), right));
    return List.of(product == null
        ? Known.of(ElementType.F32)
        : permuted(Known.of(ElementType.F32, product), out));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Sgemm.Builder builder = octet.sgemm();
    Sgemm op = (isRightTransposed() ? builder.rightTransposed() : builder).prepare();
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> results) {
        Products sizes = new Products(permuted(in.get(0), left), permuted(in.get(1), right));
        long[] dense = Strided.dense(results.getFirst().dims());
        long[] outStrides = new long[dense.length];
        IntStream.range(0, dense.length).forEach(axis -> outStrides[out.get(axis)] = dense[axis]);
        return StridedProduct.of(op, isRightTransposed(), sizes, strides(in.get(0), left),
            strides(in.get(1), right), outStrides);
      }

      @Override
      public String name() {
        return op.kernel();
      }

      @Override
      public void close() {
        op.close();
      }
    };
  }

  /** The strides of a dense tensor whose axes are permuted; axes of one element are repeated. */
  private static long[] strides(Known tensor, List<Integer> axes) {
    long[] dense = Strided.dense(tensor.dims());
    int matrix = axes.size() - 2;
    return IntStream.range(0, axes.size())
        .mapToLong(axis -> axis < matrix && tensor.dims()[axes.get(axis)] == 1 ? 0 : dense[axes.get(axis)])
        .toArray();
  }
}
