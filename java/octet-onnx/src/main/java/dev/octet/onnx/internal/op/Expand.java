package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import java.util.List;

/** Repeats its input along axes of length 1 until it has a shape that is given. */
record Expand() implements Op {
  @Override
  public String type() {
    return "Expand";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Known data = inputs.get(0);
    long[] shape = Inputs.lengths(inputs, 1);
    return List.of(Known.shaped(data.type(), shape == null ? null : Dims.broadcast(data.dims(), shape)));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Known data = in.getFirst();
      long[] dims = out.getFirst().dims();
      Strided copy = new Strided(dims, Strided.broadcast(data.dims(), dims), data.type().bytes());
      return (from, to, scratch) -> copy.copy(from[0], 0, to[0]);
    };
  }
}
