package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Tensors of 8 bits, each with a scale and zero point of its own, one after the other, by Octet's
 * {@link dev.octet.op.Concat}.
 *
 * @param axis along which, from 0
 * @param from of each input
 * @param to of the result
 */
public record QuantizedConcat(int axis, List<Quantized> from, Quantized to) implements Op {
  /** The same of images with channels last. */
  public QuantizedConcat channelsLast(int rank) {
    return new QuantizedConcat(axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1, from, to);
  }

  @Override
  public String type() {
    return "QuantizedConcat";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, from.size(), from.size());
    for (int i = 0; i < inputs.size(); i++) {
      Inputs.type(inputs, i, Set.of(from.get(i).type()));
    }
    List<Known> same = inputs.stream().map(input -> Known.shaped(to.type(), input.dims())).toList();
    return new Concat(axis).infer(same);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    dev.octet.op.Concat.Builder builder = octet.concat().output(to.dataType(), to.quantization()).axis(axis);
    from.forEach(one -> builder.input(one.dataType(), one.quantization()));
    dev.octet.op.Concat op = builder.prepare();
    return new OctetKernel(op, from.size(),
        in -> new Run(op, in.stream().map(input -> Shape.of(input.dims())).toList()));
  }

  /** A run. */
  private record Run(dev.octet.op.Concat op, List<Shape> shapes) implements Step {
    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      op.run(Arrays.asList(in), shapes, out[0]);
    }
  }
}
