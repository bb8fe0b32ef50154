package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.DynamicProduct;
import dev.octet.onnx.internal.op.IntegerProduct;
import java.util.List;
import java.util.function.Function;

/**
 * DynamicQuantizeLinear and the one {@link IntegerProduct} that reads it become one product of floats. Where
 * several products share the integers, as query, key and value do, they are quantized once and stay.
 */
public final class DynamicProducts implements Pass {
  @Override
  public int apply(Graph graph) {
    return apply(graph, op -> op instanceof IntegerProduct product
        ? new DynamicProduct(product.weights(), product.bias())
        : null);
  }

  /**
   * Takes each DynamicQuantizeLinear that one node alone reads into that node.
   *
   * @param dynamic what an operator becomes whose inputs are integers, their scale and their zero point; null
   *        where it stays
   * @return how many nodes it put in the place of others
   */
  static int apply(Graph graph, Function<Op, Op> dynamic) {
    return Pass.each(graph,
        node -> node.op().type().equals("DynamicQuantizeLinear") && rewrite(graph, node, dynamic));
  }

  private static boolean rewrite(Graph graph, Node quantize, Function<Op, Op> dynamic) {
    if (quantize.outputs().size() != 3 || quantize.outputs().contains(null)) {
      return false;
    }
    Node reader = graph.onlyConsumer(quantize.output());
    Op op = reader == null ? null : dynamic.apply(reader.op());
    if (op == null) {
      return false;
    }
    for (int i = 0; i < 3; i++) {
      Value output = quantize.outputs().get(i);
      if (reader.input(i) != output || graph.onlyConsumer(output) != reader) {
        return false;
      }
    }
    graph.replace(List.of(quantize, reader), reader, new Node(reader.name(), op, List.of(quantize.input(0)),
        List.of(reader.output()), List.of(quantize, reader)));
    return true;
  }
}
