package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.util.List;
import java.util.Set;

/** Product of floats, of the last two axes. A matrix that is a constant is packed once. */
record MatMul() implements TransposedProduct {
  @Override
  public String type() {
    return "MatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, Products.shape(inputs.get(0), inputs.get(1))));
  }

  @Override
  public Op with(List<Integer> left, List<Integer> right, List<Integer> out) {
    ProductAxes axes = new ProductAxes(left, right, out);
    return axes.areOffered() ? new TransposedMatMul(axes) : null;
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known right = inputs.get(1);
    if (right.isConstant() && right.rank() == 2 && right.elements() > 0) {
      return BiasedMatMul.kernel(octet, right, null);
    }
    Sgemm op = octet.sgemm().prepare();
    return new OctetKernel(op, 2, in -> StridedProduct.dense(op::run, in.get(0), in.get(1)));
  }
}
