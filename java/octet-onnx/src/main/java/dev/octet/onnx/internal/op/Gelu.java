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
 * What a pass makes of the nodes of GELU with the error function: {@code x * (1 + erf(x / sqrt(2))) / 2}, in
 * the order and with the roundings of the nodes.
 *
 * @param scale the file's number for the square root of 2, or for 1 by it
 * @param divides whether x is divided by it, not multiplied with it
 * @param halfFirst whether x is halved before it is multiplied, not after
 */
public record Gelu(float scale, boolean divides, boolean halfFirst) implements Op {
  @Override
  public String type() {
    return "Gelu";
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
        gelu(x, y, count);
        MemorySegment.copy(y, 0, out[0], Elements.FLOAT, 4 * from, count);
      }
    };
  }

  private void gelu(float[] x, float[] y, int n) {
    if (divides) {
      FloatFunctions.divide(x, scale, y, n);
    } else {
      multiply(x, scale, y, n);
    }
    FloatFunctions.erf(y, y, n);
    if (halfFirst) {
      halved(x, y, n);
    } else {
      half(x, y, n);
    }
  }

  private static void multiply(float[] x, float factor, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] * factor;
    }
  }

  private static void half(float[] x, float[] erf, int n) {
    for (int i = 0; i < n; i++) {
      erf[i] = x[i] * (erf[i] + 1) * 0.5f;
    }
  }

  private static void halved(float[] x, float[] erf, int n) {
    for (int i = 0; i < n; i++) {
      erf[i] = x[i] * 0.5f * (erf[i] + 1);
    }
  }
}
