package dev.octet.onnx.internal.op;

import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.MatMul;
import java.util.List;
import java.util.Set;

/**
 * Product of integers of 8 bits and a constant matrix, all of whose scales and zero points are known, by
 * Octet's {@link MatMul}.
 *
 * @param weights the right side, or its transposition with out channels first; {@link Weights#isOffered()}
 * @param from of the left side
 * @param result what becomes of the sums
 */
public record QuantizedProduct(Weights weights, Quantized from, Requantized result) implements WeightOp {
  @Override
  public String type() {
    return "QuantizedProduct";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(from.type()));
    ElementType to = result.to() == null ? ElementType.F32 : result.to().type();
    long[] dims = weights.data().dims();
    Known right = weights.axis() == Weights.COLUMNS
        ? weights.data()
        : Known.of(from.type(), dims[1], dims[0]);
    return List.of(Known.shaped(to, Products.shape(inputs.getFirst(), right)));
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    MatMul.Builder builder = packs.octet().matMul().input(from.dataType(), from.quantization());
    result.set(builder);
    MatMul op = packs.prepare(builder, weights.tensor(),
        weights.axis() == Weights.COLUMNS ? WeightLayout.IN_OUT : WeightLayout.OUT_IN);
    return new OctetKernel(op, 1, in -> {
      int rows = Runs.rows(in.getFirst());
      return (x, y, scratch) -> op.run(x[0], y[0], rows);
    });
  }
}
