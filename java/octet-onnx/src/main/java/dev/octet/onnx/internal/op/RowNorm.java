package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of the nodes of a layer norm:
 * {@code (x - mean) / sqrt(mean of squares + epsilon) * weight
 * + bias} of each row, in the order and with the roundings of the nodes.
 *
 * @param epsilon added to the mean of squares
 * @param weight one for each element of a row
 * @param bias likewise
 */
public record RowNorm(float epsilon, float[] weight, float[] bias) implements Op {
  @Override
  public String type() {
    return "RowNorm";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst().elements() / weight.length);
  }

  private Step plan(long rows) {
    return (in, out, scratch) -> run(in[0], out[0], rows, scratch);
  }

  private void run(MemorySegment from, MemorySegment to, long rows, Scratch scratch) {
    int n = weight.length;
    float[] x = scratch.floats(0, n);
    float[] centred = scratch.floats(1, n);
    float[] result = scratch.floats(2, n);
    for (long row = 0; row < rows; row++) {
      MemorySegment.copy(from, Elements.FLOAT, 4 * row * n, x, 0, n);
      FloatFunctions.subtract(x, FloatFunctions.sum(x, n) / n, centred, n);
      FloatFunctions.square(centred, x, n);
      float deviation = (float) Math.sqrt(FloatFunctions.sum(x, n) / n + epsilon);
      normalize(centred, deviation, result, n);
      MemorySegment.copy(result, 0, to, Elements.FLOAT, 4 * row * n, n);
    }
  }

  private void normalize(float[] x, float deviation, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] / deviation * weight[i] + bias[i];
    }
  }
}
