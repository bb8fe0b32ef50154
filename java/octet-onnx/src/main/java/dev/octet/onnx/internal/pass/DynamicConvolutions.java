package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.op.DynamicConv;
import dev.octet.onnx.internal.op.IntegerConv;

/**
 * DynamicQuantizeLinear and the one {@link IntegerConv} that reads it become one convolution of floats. Where
 * several convolutions share the integers, they are quantized once and stay.
 */
public final class DynamicConvolutions implements Pass {
  @Override
  public int apply(Graph graph) {
    return DynamicProducts.apply(graph, op -> op instanceof IntegerConv conv ? new DynamicConv(conv) : null);
  }
}
