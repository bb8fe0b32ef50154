package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.value.ElementType;

/** The questions that passes ask of nodes and constants. */
final class Match {
  private Match() {}

  /** The one node that reads a value, if it is of an operator; null where it is not. */
  static Node only(Graph graph, Value value, String operator) {
    Node reader = graph.onlyConsumer(value);
    return reader != null && reader.op().type().equals(operator) ? reader : null;
  }

  /** The node that makes a value, if it is of an operator; null where it is not. */
  static Node maker(Value value, String operator) {
    Node maker = value == null ? null : value.producer();
    return maker != null && maker.op().type().equals(operator) ? maker : null;
  }

  /** The other input of a node of two, of which one is a value; null where both are. */
  static Value other(Node node, Value value) {
    Value other = node.input(0) == value ? node.input(1) : node.input(0);
    return other == value ? null : other;
  }

  /** Whether a value is a constant float that is broadcast to everything. */
  static boolean isNumber(Value value) {
    return value != null && value.isConstant() && value.known().type() == ElementType.F32
        && value.known().rank() <= 1 && value.known().elements() == 1;
  }

  /** Whether a value is one constant float, this one. */
  static boolean isNumber(Value value, float number) {
    return isNumber(value) && number(value) == number;
  }

  /** The constant float that a value is. */
  static float number(Value value) {
    return Elements.real(value.known().data(), 0);
  }

  /**
   * A value that keeps its shape and is multiplied with a number.
   *
   * @param value the value
   * @param factor the number, or the reciprocal of the one that it is divided by
   */
  record Scaled(Value value, double factor) {}

  /** What a Mul or Div by a number does; null where a node is something else, or there is none. */
  static Scaled scaled(Node node) {
    boolean divides = node != null && node.op().type().equals("Div");
    if (!divides && (node == null || !node.op().type().equals("Mul"))) {
      return null;
    }
    boolean turned = !divides && isNumber(node.input(0));
    Value value = node.input(turned ? 1 : 0);
    Value number = node.input(turned ? 0 : 1);
    // A number may be a vector of one, which would give a scalar an axis.
    if (!isNumber(number) || !value.known().hasRank() || value.known().rank() == 0) {
      return null;
    }
    return new Scaled(value, divides ? 1.0 / number(number) : number(number));
  }

  /** The constant floats that a value is, one for each element of a row; null where it is something else. */
  static float[] row(Value value, long length) {
    return value != null && value.isConstant() && value.known().type() == ElementType.F32
        && value.known().rank() == 1 && value.known().elements() == length
            ? Elements.floats(value.known())
            : null;
  }

  /**
   * The numbers of out channels that a constant is when it is multiplied with or added to images, as a
   * vector: one, or one for each channel; null where it is something else.
   *
   * @param rank of the images
   */
  static Known channels(Value value, long channels, int rank) {
    if (value == null || !value.isConstant() || value.known().type() != ElementType.F32
        || value.known().rank() > rank) {
      return null;
    }
    Known known = value.known();
    if (known.elements() != 1) {
      for (int axis = 0; axis < known.rank(); axis++) {
        boolean isChannels = axis == known.rank() - rank + 1;
        if (known.dims()[axis] != (isChannels ? channels : 1)) {
          return null;
        }
      }
    }
    return known.withDims(known.elements());
  }

  /** The same as floats, one for each channel. */
  static float[] bias(Value value, long channels, int rank) {
    Known numbers = channels(value, channels, rank);
    if (numbers == null) {
      return null;
    }
    float[] bias = new float[Math.toIntExact(channels)];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = Elements.real(numbers.data(), numbers.elements() == 1 ? 0 : i);
    }
    return bias;
  }
}
