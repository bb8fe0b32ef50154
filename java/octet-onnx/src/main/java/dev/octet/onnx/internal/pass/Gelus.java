package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Gelu;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes of GELU become one node of Octet's, which rounds in another order: Div by the root of 2 or Mul by
 * 1 over it, and Erf; or Pow by 3 or two Mul, Mul by 0.044715, Add of x, Mul by the root of 2 over pi, and
 * Tanh; and behind either Add of 1, Mul with x and Mul by a half, before or after. Nodes whose results others
 * read stay.
 */
public final class Gelus implements Pass {
  /** What numbers of files are off by their rounding. */
  private static final double ROUNDING = 3e-7;
  private static final double CUBIC = 0.044715;

  /**
   * What the curve of a GELU reads, scaled.
   *
   * @param x the argument of GELU
   * @param nodes that scale it, in order
   */
  private record Argument(Value x, List<Node> nodes) {}

  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> switch (node.op().type()) {
      case "Erf" -> rewrite(graph, node, byRoot(graph, node), Gelu.ERF);
      case "Tanh" -> rewrite(graph, node, cubic(graph, node), Gelu.TANH);
      default -> false;
    });
  }

  private static Argument byRoot(Graph graph, Node erf) {
    Node scaling = erf.input(0).producer();
    Match.Scaled scaled = Match.scaled(scaling);
    return scaled != null && isNear(scaled.factor(), Math.sqrt(0.5))
        && graph.onlyConsumer(scaling.output()) == erf
            ? new Argument(scaled.value(), List.of(scaling))
            : null;
  }

  /** {@code sqrt(2 / pi) (x + 0.044715 x^3)}. */
  private static Argument cubic(Graph graph, Node tanh) {
    Node scaling = tanh.input(0).producer();
    Match.Scaled scaled = Match.scaled(scaling);
    if (scaled == null || !isNear(scaled.factor(), Math.sqrt(2 / Math.PI))
        || graph.onlyConsumer(scaling.output()) != tanh) {
      return null;
    }
    Node sum = Match.maker(scaled.value(), "Add");
    if (sum == null || graph.onlyConsumer(sum.output()) != scaling) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Node small = sum.input(i).producer();
      Match.Scaled cube = Match.scaled(small);
      Value x = sum.input(1 - i);
      List<Node> power = cube == null || !isNear(cube.factor(), CUBIC)
          || graph.onlyConsumer(small.output()) != sum ? null : cube(graph, cube.value(), small, x);
      if (power != null) {
        List<Node> nodes = new ArrayList<>(power);
        nodes.addAll(List.of(small, sum, scaling));
        return new Argument(x, nodes);
      }
    }
    return null;
  }

  /** The nodes that make the third power of a value, which one other node reads; null where it is not one. */
  private static List<Node> cube(Graph graph, Value power, Node reader, Value x) {
    Node node = power.producer();
    if (node == null || graph.onlyConsumer(power) != reader) {
      return null;
    }
    if (node.op().type().equals("Pow")) {
      return node.input(0) == x && Match.isNumber(node.input(1), 3) ? List.of(node) : null;
    }
    if (!node.op().type().equals("Mul") || (node.input(0) != x && node.input(1) != x)) {
      return null;
    }
    Node square = Match.maker(node.input(0) == x ? node.input(1) : node.input(0), "Mul");
    return square != null && square.input(0) == x && square.input(1) == x
        && graph.onlyConsumer(square.output()) == node ? List.of(square, node) : null;
  }

  private static boolean rewrite(Graph graph, Node curve, Argument argument, Gelu gelu) {
    Node add = argument == null ? null : Match.only(graph, curve.output(), "Add");
    Node product = add == null || !Match.isNumber(Match.other(add, curve.output()), 1)
        ? null
        : Match.only(graph, add.output(), "Mul");
    if (product == null) {
      return false;
    }
    Value x = argument.x();
    Value factor = Match.other(product, add.output());
    boolean halfFirst = factor != x;
    Node half = halfFirst ? Match.maker(factor, "Mul") : Match.only(graph, product.output(), "Mul");
    Value halved = halfFirst ? x : product.output();
    if (half == null || !Match.isNumber(Match.other(half, halved), 0.5f)
        || (half.input(0) != halved && half.input(1) != halved)
        || (halfFirst && graph.onlyConsumer(half.output()) != product)) {
      return false;
    }
    List<Node> old = new ArrayList<>(argument.nodes());
    old.addAll(List.of(curve, add, product, half));
    Node last = halfFirst ? product : half;
    graph.replace(old, last, new Node(curve.name(), gelu, List.of(x), List.of(last.output()), old));
    return true;
  }

  private static boolean isNear(double factor, double expected) {
    return Math.abs(factor / expected - 1) < ROUNDING;
  }
}
