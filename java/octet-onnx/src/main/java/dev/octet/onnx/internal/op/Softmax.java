package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
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
 * {@code e^(x - max) / sum of them}, or the logarithm of that, {@code x - max - log(sum)}.
 *
 * @param axis along which; below 0 from the end
 * @param flat whether all axes from there on are one row, as before opset 13
 * @param log whether the result is the logarithm
 */
record Softmax(long axis, boolean flat, boolean log) implements Op {
  static Softmax read(Attributes attributes, boolean log) {
    boolean flat = attributes.opset() < 13;
    return new Softmax(attributes.integer("axis", flat ? 1 : -1), flat, log);
  }

  @Override
  public String type() {
    return log ? "LogSoftmax" : "Softmax";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Known data = inputs.getFirst();
    if (data.hasRank()) {
      along(data.rank());
    }
    return List.of(Known.shaped(ElementType.F32, data.dims()));
  }

  private int along(int rank) {
    return flat && axis == rank ? rank : Dims.axis("axis", axis, rank);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst());
  }

  private Step plan(Known data) {
    int along = along(data.rank());
    long outer = Dims.product(data.dims(), 0, along);
    long length = Dims.product(data.dims(), along, flat ? data.rank() : along + 1);
    long inner = flat ? 1 : Dims.product(data.dims(), along + 1, data.rank());
    if (length > Integer.MAX_VALUE - 8) {
      throw new UnsupportedOperationException(
          "a softmax of more than 2^31 - 9 floats is not offered: " + data);
    }
    int n = (int) length;
    return (in, out, scratch) -> {
      float[] x = scratch.floats(0, n);
      float[] y = scratch.floats(1, n);
      float[] shifted = scratch.floats(2, log ? n : 0);
      int[] powers = scratch.ints(n);
      for (long o = 0; o < outer; o++) {
        for (long i = 0; i < inner; i++) {
          row(in[0], out[0], o * length * inner + i, inner, x, y, shifted, powers, n);
        }
      }
    };
  }

  private void row(MemorySegment from, MemorySegment to, long at, long stride, float[] x, float[] y,
      float[] shifted, int[] powers, int n) {
    if (stride == 1) {
      MemorySegment.copy(from, Elements.FLOAT, 4 * at, x, 0, n);
    } else {
      for (int i = 0; i < n; i++) {
        x[i] = Elements.real(from, at + i * stride);
      }
    }
    float max = FloatFunctions.max(x, n);
    if (log) {
      FloatFunctions.subtract(x, max, shifted, n);
    }
    FloatFunctions.expBelow(x, max, y, powers, n);
    float sum = FloatFunctions.sum(y, n);
    if (log) {
      FloatFunctions.subtract(shifted, (float) Math.log(sum), x, n);
    } else {
      FloatFunctions.divide(y, sum, x, n);
    }
    if (stride == 1) {
      MemorySegment.copy(x, 0, to, Elements.FLOAT, 4 * at, n);
    } else {
      for (int i = 0; i < n; i++) {
        to.set(Elements.FLOAT, 4 * (at + i * stride), x[i]);
      }
    }
  }
}
