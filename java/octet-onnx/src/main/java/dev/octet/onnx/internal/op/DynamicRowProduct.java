package dev.octet.onnx.internal.op;

import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * What quantizing makes of a product of floats with a constant matrix: Octet's {@link DynamicMatMul}, S8
 * weights with a scale of each column, rows quantized by their own ranges. Its inputs are the rows and the
 * matrix of floats, which {@link #kernel} quantizes and no run reads.
 *
 * @param turned whether the matrix is {@code [N][K]}
 * @param scales of the columns as S8
 * @param bias F32, one for each column; null where there is none
 */
public record DynamicRowProduct(boolean turned, float[] scales, float[] bias) implements WeightOp {
  @Override
  public String type() {
    return "DynamicRowProduct";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.floats(inputs);
    long[] dims = inputs.get(1).dims();
    Known matrix = turned ? inputs.get(1).withDims(dims[1], dims[0]) : inputs.get(1);
    return List.of(Known.shaped(inputs.getFirst().type(), Products.shape(inputs.getFirst(), matrix)));
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    try (Arena arena = Arena.ofConfined()) { // packing reads the integers, and nothing else does
      return DynamicProduct.kernel(packs, packs.octet().dynamicMatMul(),
          SignedWeights.of(packs.octet(), inputs.get(1), turned ? 0 : 1, scales, arena),
          turned ? WeightLayout.OUT_IN : WeightLayout.IN_OUT, bias);
    }
  }
}
