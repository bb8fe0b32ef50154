package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The checks that operators have in common. */
final class Inputs {
  /** Shapes, axes and bounds are vectors of at most so many numbers. */
  private static final int MAX_RANK = 64;

  private Inputs() {}

  /** Checks how many inputs there are; those up to {@code min} are not left out. */
  static void count(List<Known> inputs, int min, int max) {
    if (inputs.size() < min || inputs.size() > max) {
      throw new IllegalArgumentException("expected " + (min == max ? "" + min : min + " to " + max)
          + " inputs, got " + inputs.size());
    }
    for (int i = 0; i < min; i++) {
      if (inputs.get(i) == null) {
        throw new IllegalArgumentException("input " + i + " is left out");
      }
    }
  }

  /** Checks how many inputs there are; those up to {@code min} are not left out, but for some. */
  static void count(List<Known> inputs, int min, int max, int... optional) {
    List<Known> required = new ArrayList<>(inputs);
    for (int index : optional) {
      if (index < required.size() && required.get(index) == null) {
        required.set(index, Known.of(ElementType.OTHER));
      }
    }
    count(required, min, max);
  }

  /** An input; null where it is left out. */
  static Known optional(List<Known> inputs, int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** Checks the element type of an input. */
  static void type(List<Known> inputs, int index, Set<ElementType> offered) {
    if (!offered.contains(inputs.get(index).type())) {
      throw new IllegalArgumentException("input " + index + ": expected elements of type "
          + offered.stream().sorted().toList() + ", got " + inputs.get(index).type());
    }
  }

  /** Checks that all inputs that are there are floats. */
  static void floats(List<Known> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) != null) {
        type(inputs, i, Set.of(ElementType.F32));
      }
    }
  }

  /** Checks that two inputs have the same element type. */
  static void sameType(List<Known> inputs, int one, int other) {
    if (inputs.get(one).type() != inputs.get(other).type()) {
      throw new IllegalArgumentException(
          "inputs " + one + " and " + other + ": expected one element type, got "
              + inputs.get(one).type() + " and " + inputs.get(other).type());
    }
  }

  /** Checks that an input is a scalar, or has one element. */
  static void scalar(List<Known> inputs, int index) {
    Known input = inputs.get(index);
    if (input.isShaped() && input.elements() != 1) {
      throw new IllegalArgumentException("input " + index + ": expected one element, got " + input);
    }
  }

  /** The integers of a short vector; null where it is not known yet. */
  static long[] integers(List<Known> inputs, int index) {
    Known input = inputs.get(index);
    type(inputs, index, Set.of(ElementType.I64, ElementType.I32));
    if ((input.hasRank() && input.rank() > 1) || (input.isShaped() && input.elements() > MAX_RANK)) {
      throw new IllegalArgumentException(
          "input " + index + ": expected a vector of at most " + MAX_RANK + " integers, got " + input);
    }
    return input.isConstant() ? input.longs() : null;
  }

  /** The lengths that a short vector has; null where they are not known yet. */
  static long[] lengths(List<Known> inputs, int index) {
    long[] lengths = integers(inputs, index);
    if (lengths != null && Arrays.stream(lengths).anyMatch(length -> length < 0)) {
      throw new IllegalArgumentException(
          "input " + index + ": expected lengths >= 0, got " + Arrays.toString(lengths));
    }
    return lengths;
  }

  /** How many integers a short vector has; -1 where that is not known yet. */
  static int length(List<Known> inputs, int index) {
    Known input = inputs.get(index);
    return input.isShaped() ? (int) input.elements() : -1;
  }

  /** The floats of a constant, if all are finite; null where they are not, or it is none. */
  static float[] finite(Known known) {
    if (known == null || !known.isConstant()) {
      return null;
    }
    float[] numbers = Elements.floats(known);
    return Elements.areFinite(numbers) ? numbers : null;
  }
}
