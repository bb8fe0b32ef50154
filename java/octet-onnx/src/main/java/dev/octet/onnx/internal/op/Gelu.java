package dev.octet.onnx.internal.op;

import dev.octet.GeluForm;
import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Set;

/**
 * GELU, by Octet's op: the operator, and what a pass makes of its nodes.
 *
 * @param form by the error function or the hyperbolic tangent
 */
public record Gelu(GeluForm form) implements Op {
  /** By the error function. */
  public static final Gelu ERF = new Gelu(GeluForm.ERF);
  /** By the hyperbolic tangent. */
  public static final Gelu TANH = new Gelu(GeluForm.TANH);

  static Gelu read(Attributes attributes) {
    return new Gelu(attributes.choice("approximate", "none", Set.of("none", "tanh")).equals("none")
        ? GeluForm.ERF
        : GeluForm.TANH);
  }

  @Override
  public String type() {
    return "Gelu";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    dev.octet.op.Gelu op = octet.gelu(form);
    return new OctetKernel(op, 1, in -> {
      long elements = in.getFirst().elements();
      return (from, to, scratch) -> op.run(from[0], to[0], elements);
    });
  }
}
