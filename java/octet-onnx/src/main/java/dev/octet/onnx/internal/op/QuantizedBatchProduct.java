package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.BatchMatMul;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Product of two tensors of integers of 8 bits of the run, all of whose scales and zero points are known, by
 * Octet's {@link BatchMatMul}; matrices are multiplied where they lie.
 *
 * @param left of the left side
 * @param right of the right side
 * @param result what becomes of the sums, without a bias
 * @param axes the order of axes
 */
public record QuantizedBatchProduct(Quantized left, Quantized right, Requantized result,
    ProductAxes axes) implements TransposedProduct {
  /** Longer sums might wrap around, as floats do not. */
  private static final long LONGEST = Integer.MAX_VALUE / (255L * 255L);

  /** A product of tensors as they are, of two axes or more, of which a product has so many. */
  public static QuantizedBatchProduct of(Quantized left, int leftRank, Quantized right, int rightRank,
      Requantized result) {
    return new QuantizedBatchProduct(left, right, result,
        new ProductAxes(order(leftRank), order(rightRank), order(Math.max(leftRank, rightRank))));
  }

  private static List<Integer> order(int rank) {
    return IntStream.range(0, rank).boxed().toList();
  }

  @Override
  public Op with(List<Integer> leftAxes, List<Integer> rightAxes, List<Integer> outAxes) {
    ProductAxes others = new ProductAxes(leftAxes, rightAxes, outAxes);
    return others.areOffered() ? new QuantizedBatchProduct(left, right, result, others) : null;
  }

  @Override
  public String type() {
    return "QuantizedBatchProduct";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(left.type()));
    Inputs.type(inputs, 1, Set.of(right.type()));
    return List.of(Known.shaped(result.to() == null ? ElementType.F32 : result.to().type(),
        axes.shape(inputs.get(0), inputs.get(1))));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    BatchMatMul.Builder builder = octet.batchMatMul().left(left.dataType(), left.quantization())
        .right(right.dataType(), right.quantization());
    if (axes.isRightTransposed()) {
      builder.rightTransposed();
    }
    result.set(builder);
    BatchMatMul op = builder.prepare();
    return new OctetKernel(op, input -> true, (in, out) -> plan(op, in.get(0), in.get(1), out.getFirst()));
  }

  private Step plan(BatchMatMul op, Known a, Known b, Known y) {
    long k = a.dims()[axes.left().getLast()];
    if (k > LONGEST) {
      throw new UnsupportedOperationException("sums of " + k + " products might wrap around, at most "
          + LONGEST + " are offered; without QUANTIZED_BATCH_PRODUCTS they are floats");
    }
    return StridedProduct.of(op::run, axes, a, b, y, result.zero());
  }
}
