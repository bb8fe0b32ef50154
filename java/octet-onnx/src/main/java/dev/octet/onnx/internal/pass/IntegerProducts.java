package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.IntegerProduct;
import dev.octet.onnx.internal.op.Weights;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.List;

/**
 * MatMulInteger with a constant matrix, Cast to F32, Mul by {@code sx * sw}, and Add of a bias where there is
 * one, become one product. The scales must be multiplied with each other first, as quantizers write it: that
 * is the order of the product's law, so that no bit changes. Nodes whose results others read stay.
 */
public final class IntegerProducts implements Pass {
  /** The scales of both sides, as a Mul node brings them together. */
  private record Scales(Node node, Value activations, Known weights) {}

  @Override
  public int apply(Graph graph) {
    int count = 0;
    for (Node node : graph.nodes()) {
      if (node.op().type().equals("MatMulInteger") && rewrite(graph, node)) {
        count++;
      }
    }
    return count;
  }

  private static boolean rewrite(Graph graph, Node product) {
    Node cast = Match.only(graph, product.output(), "Cast");
    if (product.input(2) == null || cast == null || cast.output().known().type() != ElementType.F32) {
      return false;
    }
    Node scaling = Match.only(graph, cast.output(), "Mul");
    Scales scales = scaling == null ? null : scales(Match.other(scaling, cast.output()));
    if (scales == null) {
      return false;
    }
    Value zeroPoint = product.input(3);
    if (zeroPoint != null && !zeroPoint.isConstant()) {
      return false;
    }
    Weights weights = new Weights(product.input(1).known(), Weights.COLUMNS, scales.weights,
        zeroPoint == null ? null : zeroPoint.known());
    if (!weights.isOffered()) {
      return false;
    }
    List<Node> old = new ArrayList<>(List.of(product, cast, scaling));
    if (graph.onlyConsumer(scales.node.output()) == scaling) {
      old.add(scales.node);
    }
    Node last = scaling;
    Node add = Match.only(graph, scaling.output(), "Add");
    float[] bias = add == null ? null : bias(Match.other(add, scaling.output()), weights.data().dims()[1]);
    if (bias != null) {
      old.add(add);
      last = add;
    }
    graph.replace(old, last, new Node(product.name(), new IntegerProduct(weights, bias),
        List.of(product.input(0), scales.activations, product.input(2)), List.of(last.output()), old));
    return true;
  }

  /** The scales that a value is the product of; null where it is something else. */
  private static Scales scales(Value product) {
    Node both = Match.maker(product, "Mul");
    if (both == null) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Value weights = both.input(i);
      Value activations = both.input(1 - i);
      Known scale = activations.known();
      if (weights.isConstant() && !activations.isConstant() && scale.isShaped() && scale.rank() <= 1
          && scale.elements() == 1) {
        return new Scales(both, activations, weights.known());
      }
    }
    return null;
  }

  /** The bias that a value is; null where Octet takes it for none. */
  private static float[] bias(Value value, long columns) {
    float[] bias = Match.row(value, columns);
    for (int i = 0; bias != null && i < bias.length; i++) {
      if (!Float.isFinite(bias[i])) {
        return null;
      }
    }
    return bias;
  }
}
