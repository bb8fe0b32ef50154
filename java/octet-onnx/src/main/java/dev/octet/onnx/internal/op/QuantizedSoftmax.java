package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.Dequantize;
import dev.octet.op.Quantize;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * Probabilities of 8 bits of scores of 8 bits, along the last axis, by Octet's ops of floats some rows at a
 * time: the same integers as DequantizeLinear, Softmax and QuantizeLinear.
 *
 * @param softmax the operator of floats
 * @param from of the scores
 * @param to of the probabilities
 */
public record QuantizedSoftmax(Softmax softmax, Quantized from, Quantized to) implements Op {
  @Override
  public String type() {
    return "QuantizedSoftmax";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(from.type()));
    Known scores = inputs.getFirst();
    if (scores.hasRank() && !softmax.isOfRows(scores.rank())) {
      throw new UnsupportedOperationException("a softmax of 8 bits is offered along the last axis only");
    }
    return List.of(Known.shaped(to.type(), scores.dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Dequantize dequantize = octet.dequantize().input(from.dataType(), from.quantization()).prepare();
    dev.octet.op.Softmax op = octet.softmax().prepare();
    Quantize quantize = octet.quantize().output(to.dataType(), to.quantization()).prepare();
    return new OctetKernel(op, List.of(dequantize, quantize), input -> true, (in, out) -> {
      Known scores = in.getFirst();
      return new Run(dequantize, new SoftmaxRows(op, quantize,
          Runs.array("a softmax", scores.dims()[scores.rank() - 1])), Runs.rows(scores));
    });
  }

  /** A run. */
  private record Run(Dequantize dequantize, SoftmaxRows each, int rows) implements Step {
    @Override
    public long scratchBytes() {
      return each.scratchBytes(rows);
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment floats = scratch.memory();
      int part = each.part(rows);
      for (int row = 0; row < rows; row += part) {
        int count = Math.min(part, rows - row);
        long elements = (long) count * each.columns();
        dequantize.run(Runs.from((long) row * each.columns(), in[0]), floats, elements);
        each.op().run(floats, floats, count, each.columns());
        each.quantize().run(floats, Runs.from((long) row * each.columns(), out[0]), elements);
      }
    }
  }
}
