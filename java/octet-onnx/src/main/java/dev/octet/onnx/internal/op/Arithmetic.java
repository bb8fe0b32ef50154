package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Add, Sub, Mul and Div of numbers of one type, broadcast to each other.
 *
 * @param function which of them
 */
record Arithmetic(Function function) implements Op {
  /** The functions; integers wrap around. */
  enum Function {
    ADD("Add") {
      @Override
      void floats(float[] a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] + b[i];
        }
      }

      @Override
      void floats(float[] a, float b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] + b;
        }
      }

      @Override
      void floats(float a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a + b[i];
        }
      }

      @Override
      long integers(long a, long b) {
        return a + b;
      }
    },
    SUB("Sub") {
      @Override
      void floats(float[] a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] - b[i];
        }
      }

      @Override
      void floats(float[] a, float b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] - b;
        }
      }

      @Override
      void floats(float a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a - b[i];
        }
      }

      @Override
      long integers(long a, long b) {
        return a - b;
      }
    },
    MUL("Mul") {
      @Override
      void floats(float[] a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] * b[i];
        }
      }

      @Override
      void floats(float[] a, float b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] * b;
        }
      }

      @Override
      void floats(float a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a * b[i];
        }
      }

      @Override
      long integers(long a, long b) {
        return a * b;
      }
    },
    DIV("Div") {
      @Override
      void floats(float[] a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] / b[i];
        }
      }

      @Override
      void floats(float[] a, float b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a[i] / b;
        }
      }

      @Override
      void floats(float a, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = a / b[i];
        }
      }

      @Override
      long integers(long a, long b) {
        if (b == 0) {
          throw new IllegalArgumentException("division of an integer by 0");
        }
        return a / b;
      }
    };

    private final String type;

    Function(String type) {
      this.type = type;
    }

    abstract void floats(float[] a, float[] b, float[] y, int n);

    abstract void floats(float[] a, float b, float[] y, int n);

    abstract void floats(float a, float[] b, float[] y, int n);

    abstract long integers(long a, long b);
  }

  private static final Set<ElementType> TYPES = Set.of(ElementType.F32, ElementType.I64, ElementType.I32);

  @Override
  public String type() {
    return function.type;
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, TYPES);
    Inputs.sameType(inputs, 0, 1);
    return List.of(
        Known.shaped(inputs.get(0).type(), Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.get(0), in.get(1), out.getFirst());
  }

  /** Plans the operator. */
  Step plan(Known a, Known b, Known y) {
    Rows rows = new Rows(a, b, y);
    ElementType type = y.type();
    if (type == ElementType.F32) {
      return (in, out, scratch) -> floats(rows, in[0], in[1], out[0], scratch);
    }
    return (in, out, scratch) -> rows.forEach((fromA, fromB, to, count) -> {
      for (int i = 0; i < count; i++) {
        long x = Elements.integer(in[0], type, rows.isOneA() ? fromA : fromA + i);
        long z = Elements.integer(in[1], type, rows.isOneB() ? fromB : fromB + i);
        Elements.put(out[0], type, to + i, function.integers(x, z));
      }
    });
  }

  private void floats(Rows rows, MemorySegment a, MemorySegment b, MemorySegment y, Scratch scratch) {
    float[] x = scratch.floats(0, Rows.LONGEST);
    float[] z = scratch.floats(1, Rows.LONGEST);
    float[] result = scratch.floats(2, Rows.LONGEST);
    rows.forEach((fromA, fromB, to, count) -> {
      load(a, fromA, rows.isOneA(), x, count);
      load(b, fromB, rows.isOneB(), z, count);
      function.floats(x, z, result, count);
      MemorySegment.copy(result, 0, y, Elements.FLOAT, 4 * to, count);
    });
  }

  /** Reads a part of a row, or fills it with its one element. */
  static void load(MemorySegment from, long at, boolean one, float[] row, int count) {
    if (one) {
      Arrays.fill(row, 0, count, Elements.real(from, at));
    } else {
      MemorySegment.copy(from, Elements.FLOAT, 4 * at, row, 0, count);
    }
  }
}
