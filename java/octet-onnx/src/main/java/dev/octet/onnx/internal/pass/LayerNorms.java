package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.RowNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Add of a residual, ReduceMean of the last axis, Sub, Pow by 2 or Mul with itself, ReduceMean, Add of a
 * number, Sqrt, Div, Mul by weights and Add of a bias become one node of Octet's layer norm, which rounds in
 * another order. Nodes whose results others read stay.
 */
public final class LayerNorms implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op().type().equals("ReduceMean") && rewrite(graph, node));
  }

  private static boolean rewrite(Graph graph, Node mean) {
    Value x = mean.input(0);
    Node centre = isOfRows(mean) ? Match.only(graph, mean.output(), "Sub") : null;
    if (centre == null || centre.input(0) != x) {
      return false;
    }
    Node square = square(graph, centre.output());
    Node variance = square == null ? null : Match.only(graph, square.output(), "ReduceMean");
    Node add = variance == null || !isOfRows(variance) ? null : Match.only(graph, variance.output(), "Add");
    Value epsilon = add == null ? null : Match.other(add, variance.output());
    Node root = Match.isNumber(epsilon) ? Match.only(graph, add.output(), "Sqrt") : null;
    Node divide = root == null ? null : Match.only(graph, root.output(), "Div");
    if (divide == null || divide.input(0) != centre.output() || divide.input(1) != root.output()) {
      return false;
    }
    long length = x.known().dims()[x.known().rank() - 1];
    Node scale = Match.only(graph, divide.output(), "Mul");
    float[] weight = scale == null ? null : Match.row(Match.other(scale, divide.output()), length);
    Node shift = weight == null ? null : Match.only(graph, scale.output(), "Add");
    float[] bias = shift == null ? null : Match.row(Match.other(shift, scale.output()), length);
    if (bias == null || !(Match.number(epsilon) >= 0) || !Elements.areFinite(weight)
        || !Elements.areFinite(bias)) {
      return false;
    }
    List<Node> old = new ArrayList<>(
        List.of(mean, centre, square, variance, add, root, divide, scale, shift));
    List<Value> inputs = List.of(x);
    Node sum = Match.maker(x, "Add");
    if (sum != null && !graph.isOutput(x) && graph.consumers(x).equals(Set.of(mean, centre))) {
      old.addFirst(sum);
      inputs = sum.inputs();
    }
    graph.replace(old, shift, new Node(mean.name(), new RowNorm(Match.number(epsilon), weight, bias), inputs,
        List.of(shift.output()), old));
    return true;
  }

  /** Whether a mean is that of rows: the last axis, and no other one, becomes 1. */
  private static boolean isOfRows(Node mean) {
    Known from = mean.input(0).known();
    Known to = mean.output().known();
    if (!from.hasRank() || !to.hasRank() || from.rank() == 0 || from.rank() != to.rank()) {
      return false;
    }
    for (int axis = 0; axis < from.rank() - 1; axis++) {
      if (from.dims()[axis] != to.dims()[axis]) {
        return false;
      }
    }
    return from.dims()[from.rank() - 1] > 1 && from.dims()[from.rank() - 1] <= Integer.MAX_VALUE
        && to.dims()[from.rank() - 1] == 1;
  }

  /** The node that squares a value, which one other node reads beside it. */
  private static Node square(Graph graph, Value value) {
    List<Node> readers = List.copyOf(graph.consumers(value));
    if (readers.size() != 2 || graph.isOutput(value)) {
      return null;
    }
    for (Node reader : readers) {
      boolean power = reader.op().type().equals("Pow") && reader.input(0) == value
          && Match.isNumber(reader.input(1), 2);
      boolean product = reader.op().type().equals("Mul") && reader.input(0) == value
          && reader.input(1) == value;
      if (power || product) {
        return reader;
      }
    }
    return null;
  }
}
