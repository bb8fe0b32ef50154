package dev.octet.op;

import dev.octet.Shape;
import dev.octet.engine.PairLayout;

/** Two shapes of elements that are broadcast to one, see {@link BroadcastAxes}. */
final class PairShapes {
  private final Shape a;
  private final Shape b;
  private final Shape output;
  private final PairLayout layout;

  /**
   * Broadcasts.
   *
   * @throws IllegalArgumentException if two lengths differ and neither is 1, or the result is too large
   */
  PairShapes(Shape a, Shape b) {
    this.a = a;
    this.b = b;
    BroadcastAxes axes = new BroadcastAxes(a, b, 0,
        (onA, onB, axis) -> new IllegalArgumentException("b: " + b + " cannot be broadcast with a " + a + ": "
            + onB + " and " + onA + " on axis " + axis + " of the result differ and neither is 1"));
    this.output = Shape.of(axes.dims);
    this.layout = output.elements() == 0
        ? null
        : new PairLayout(axes.kept, axes.lengths, axes.leftSteps, axes.rightSteps);
  }

  boolean isOf(Shape first, Shape second) {
    return a.equals(first) && b.equals(second);
  }

  Shape outputShape() {
    return output;
  }

  /** Whether an operand of a shape is repeated. */
  boolean repeats(Shape operand) {
    return operand.elements() != output.elements();
  }

  /** Where elements lie; null where there are none. */
  PairLayout layout() {
    return layout;
  }
}
