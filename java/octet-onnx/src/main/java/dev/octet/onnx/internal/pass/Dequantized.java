package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Quantized;

/**
 * Integers of 8 bits of which DequantizeLinear makes floats, all with one constant scale and zero point.
 *
 * @param node the DequantizeLinear
 * @param quantized type, scale and zero point of the integers
 */
record Dequantized(Node node, Quantized quantized) {
  /** What makes a value; null where that is something else. */
  static Dequantized of(Value value) {
    Node node = Match.maker(value, "DequantizeLinear");
    if (node == null) {
      return null;
    }
    Value zeroPoint = node.input(2);
    Quantized quantized = Quantized.of(node.input(0).known().type(), node.input(1).known(),
        zeroPoint == null ? null : zeroPoint.known());
    return quantized != null && quantized.isOffered() ? new Dequantized(node, quantized) : null;
  }

  /** The integers. */
  Value integers() {
    return node.input(0);
  }
}
