package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import java.util.List;

/** A step of a {@link FloatChain}: from parts of tensors to a part of another one. */
public sealed interface FloatLink {
  /** Where the result goes; none of the parts that it is made of. */
  int to();

  /** Whether numbers of channels are read. */
  default boolean isByChannel() {
    return false;
  }

  /** Computes a part, of a channel. */
  void run(float[][] parts, int channel, int n);

  /** Whether an operator may be a link, with constants as it has them. */
  static boolean isLink(Op op, List<Known> inputs) {
    return switch (op) {
      case FloatMap map -> inputs.size() == 1;
      case Arithmetic arithmetic -> inputs.size() == 2;
      case Clip clip -> inputs.stream().skip(1).allMatch(bound -> bound == null || bound.isConstant());
      case Extreme extreme -> inputs.size() == 2 && inputs.stream().anyMatch(Known::isConstant);
      case Pow pow -> !inputs.get(0).isConstant() && inputs.get(1).isConstant();
      default -> false;
    };
  }

  /**
   * Makes a link.
   *
   * @param op of {@link #isLink}
   * @param from the parts that its inputs are; -1 of constants
   * @param numbers constants, one number or one for each channel; null of other inputs
   * @param to the part of the result
   */
  static FloatLink of(Op op, int[] from, List<float[]> numbers, int to) {
    return switch (op) {
      case FloatMap map -> new Mapped(map, from[0], to);
      case Arithmetic arithmetic -> from[0] >= 0 && from[1] >= 0
          ? new Both(arithmetic.function(), from[0], from[1], to)
          : new Numbers(arithmetic.function(), Math.max(from[0], from[1]),
              numbers.get(from[0] < 0 ? 0 : 1), from[0] < 0, to);
      case Clip clip -> clip.byInputs()
          ? new Limits(number(numbers, 1, Float.NEGATIVE_INFINITY),
              number(numbers, 2, Float.POSITIVE_INFINITY),
              from[0], to)
          : new Limits(clip.min(), clip.max(), from[0], to);
      case Extreme extreme -> limit(extreme, from, numbers, to);
      case Pow pow -> new Power(numbers.get(1)[0], from[0], to);
      default -> throw new IllegalStateException(op.type());
    };
  }

  private static float number(List<float[]> numbers, int index, float otherwise) {
    return index < numbers.size() && numbers.get(index) != null ? numbers.get(index)[0] : otherwise;
  }

  private static FloatLink limit(Extreme extreme, int[] from, List<float[]> numbers, int to) {
    float bound = numbers.get(from[0] < 0 ? 0 : 1)[0];
    return new Limits(extreme.max() ? bound : Float.NEGATIVE_INFINITY,
        extreme.max() ? Float.POSITIVE_INFINITY : bound, Math.max(from[0], from[1]), to);
  }

  /** A function of each float. */
  record Mapped(FloatMap map, int from, int to) implements FloatLink {
    @Override
    public void run(float[][] parts, int channel, int n) {
      map.floats(parts[from], parts[to], n);
    }
  }

  /** Arithmetic of two tensors. */
  record Both(Arithmetic.Function function, int a, int b, int to) implements FloatLink {
    @Override
    public void run(float[][] parts, int channel, int n) {
      function.floats(parts[a], parts[b], parts[to], n);
    }
  }

  /**
   * Arithmetic of a tensor and numbers.
   *
   * @param numbers one, or one for each channel
   * @param turned whether the numbers are the first operand
   */
  record Numbers(Arithmetic.Function function, int from, float[] numbers, boolean turned, int to)
      implements
        FloatLink {
    @Override
    public boolean isByChannel() {
      return numbers.length > 1;
    }

    @Override
    public void run(float[][] parts, int channel, int n) {
      float number = numbers[numbers.length > 1 ? channel : 0];
      if (turned) {
        function.floats(number, parts[from], parts[to], n);
      } else {
        function.floats(parts[from], number, parts[to], n);
      }
    }
  }

  /** Two bounds. */
  record Limits(float least, float most, int from, int to) implements FloatLink {
    @Override
    public void run(float[][] parts, int channel, int n) {
      Clip.limit(parts[from], least, most, parts[to], n);
    }
  }

  /** A power. */
  record Power(float exponent, int from, int to) implements FloatLink {
    @Override
    public void run(float[][] parts, int channel, int n) {
      Pow.floats(parts[from], exponent, parts[to], n);
    }
  }
}
