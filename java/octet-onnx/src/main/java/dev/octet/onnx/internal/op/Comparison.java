package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.util.EnumSet;
import java.util.List;

/**
 * Compares elements of one type. NaN is neither equal to a number, nor greater, nor less.
 *
 * @param function which comparison
 */
record Comparison(Function function) implements Op {
  /** The comparisons. */
  enum Function {
    EQUAL("Equal") {
      @Override
      boolean floats(float a, float b) {
        return a == b;
      }

      @Override
      boolean integers(long a, long b) {
        return a == b;
      }
    },
    GREATER("Greater") {
      @Override
      boolean floats(float a, float b) {
        return a > b;
      }

      @Override
      boolean integers(long a, long b) {
        return a > b;
      }
    },
    GREATER_OR_EQUAL("GreaterOrEqual") {
      @Override
      boolean floats(float a, float b) {
        return a >= b;
      }

      @Override
      boolean integers(long a, long b) {
        return a >= b;
      }
    },
    LESS("Less") {
      @Override
      boolean floats(float a, float b) {
        return a < b;
      }

      @Override
      boolean integers(long a, long b) {
        return a < b;
      }
    },
    LESS_OR_EQUAL("LessOrEqual") {
      @Override
      boolean floats(float a, float b) {
        return a <= b;
      }

      @Override
      boolean integers(long a, long b) {
        return a <= b;
      }
    };

    private final String type;

    Function(String type) {
      this.type = type;
    }

    abstract boolean floats(float a, float b);

    abstract boolean integers(long a, long b);
  }

  @Override
  public String type() {
    return function.type;
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, EnumSet.complementOf(function == Function.EQUAL
        ? EnumSet.of(ElementType.OTHER)
        : EnumSet.of(ElementType.OTHER, ElementType.BOOL)));
    Inputs.sameType(inputs, 0, 1);
    return List
        .of(Known.shaped(ElementType.BOOL, Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Rows rows = new Rows(in.get(0), in.get(1), out.getFirst());
      ElementType type = in.get(0).type();
      return (from, to, scratch) -> rows.forEach((a, b, y, count) -> {
        for (int i = 0; i < count; i++) {
          long x = rows.isOneA() ? a : a + i;
          long z = rows.isOneB() ? b : b + i;
          boolean holds = type == ElementType.F32
              ? function.floats(Elements.real(from[0], x), Elements.real(from[1], z))
              : function.integers(Elements.integer(from[0], type, x), Elements.integer(from[1], type, z));
          to[0].set(Elements.BYTE, y + i, (byte) (holds ? 1 : 0));
        }
      });
    };
  }
}
