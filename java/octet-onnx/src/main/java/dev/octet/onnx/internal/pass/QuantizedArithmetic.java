package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.QuantizedBinary;
import java.util.List;

/**
 * Add, Sub, Mul, Div, Max or Min of two operands that DequantizeLinear makes, Relu or Clip where there is
 * one, and QuantizeLinear, all of one type of integers, become one node.
 */
public final class QuantizedArithmetic implements Pass {
  @Override
  public int apply(Graph graph) {
    return BetweenIntegers.replace(graph, Integer.MAX_VALUE, QuantizedArithmetic::make);
  }

  private static Op make(Node node, List<Quantized> from, Requantizing behind) {
    boolean oneType = from.stream().allMatch(one -> one.type() == behind.to().type());
    return from.size() == 2 && oneType
        ? QuantizedBinary.of(node.op(), from.get(0), from.get(1), behind.to(), behind.least(), behind.most())
        : null;
  }
}
