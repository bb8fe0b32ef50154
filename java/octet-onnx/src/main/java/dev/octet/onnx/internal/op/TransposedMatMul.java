package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.util.List;

/**
 * What a pass makes of a {@link MatMul} whose inputs or result are transposed, as the heads of attention are:
 * a product of matrices where they lie.
 *
 * @param axes the order of axes
 */
record TransposedMatMul(ProductAxes axes) implements Op {
  @Override
  public String type() {
    return "TransposedMatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.floats(inputs);
    return List.of(Known.shaped(ElementType.F32, axes.shape(inputs.get(0), inputs.get(1))));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Sgemm.Builder builder = octet.sgemm();
    Sgemm op = (axes.isRightTransposed() ? builder.rightTransposed() : builder).prepare();
    return new OctetKernel(op, input -> true,
        (in, out) -> StridedProduct.of(op::run, axes, in.get(0), in.get(1), out.getFirst(), 0));
  }
}
