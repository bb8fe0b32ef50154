package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * A function of each float.
 *
 * @param function which one
 */
record Unary(Function function) implements Op {
  /** The functions. */
  enum Function {
    SQRT("Sqrt") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.sqrt(x[i]);
        }
      }
    },
    ERF("Erf") {
      @Override
      void floats(float[] x, float[] y, int n) {
        FloatFunctions.erf(x, y, n);
      }
    },
    TANH("Tanh") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.tanh(x[i]);
        }
      }
    },
    EXP("Exp") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.exp(x[i]);
        }
      }
    },
    SIGMOID("Sigmoid") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) (1 / (1 + Math.exp(-x[i])));
        }
      }
    },
    RELU("Relu") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = Math.max(x[i], 0);
        }
      }
    };

    private final String type;

    Function(String type) {
      this.type = type;
    }

    abstract void floats(float[] x, float[] y, int n);
  }

  @Override
  public String type() {
    return function.type;
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst().elements());
  }

  private Step plan(long elements) {
    return (in, out, scratch) -> {
      float[] x = scratch.floats(0, Rows.LONGEST);
      float[] y = scratch.floats(1, Rows.LONGEST);
      for (long from = 0; from < elements; from += Rows.LONGEST) {
        int count = (int) Math.min(Rows.LONGEST, elements - from);
        MemorySegment.copy(in[0], Elements.FLOAT, 4 * from, x, 0, count);
        function.floats(x, y, count);
        MemorySegment.copy(y, 0, out[0], Elements.FLOAT, 4 * from, count);
      }
    };
  }
}
