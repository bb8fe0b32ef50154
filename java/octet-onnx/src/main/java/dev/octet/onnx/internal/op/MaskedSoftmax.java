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
import dev.octet.op.Quantize;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of scores that are multiplied with a number, added to a mask, and go through a softmax
 * along the last axis. Its inputs are the scores and the mask, which are broadcast to each other. Integers
 * are those of QuantizeLinear.
 *
 * @param scale of the scores, finite
 * @param to what becomes of the probabilities; null: they stay floats
 */
public record MaskedSoftmax(float scale, Quantized to) implements Op {
  @Override
  public String type() {
    return "MaskedSoftmax";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    return List.of(Known.shaped(to == null ? ElementType.F32 : to.type(),
        Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    dev.octet.op.Softmax op = octet.softmax().scale(scale).prepare();
    Quantize quantize = to == null
        ? null
        : octet.quantize().output(to.dataType(), to.quantization()).prepare();
    return new OctetKernel(op, quantize == null ? List.of() : List.of(quantize), input -> true,
        (in, out) -> plan(op, quantize, in.get(0).dims(), in.get(1).dims()));
  }

  private static Step plan(dev.octet.op.Softmax op, Quantize quantize, long[] scores, long[] mask) {
    long[] shape = Dims.broadcast(scores, mask);
    long[] ofScores = Strided.broadcast(scores, shape);
    long[] ofMask = Strided.broadcast(mask, shape);
    SoftmaxRows rows = new SoftmaxRows(op, quantize,
        Runs.array("a softmax", shape[shape.length - 1]));
    boolean whole = Arrays.equals(scores, shape) && mask.length > 0
        && mask[mask.length - 1] == rows.columns();
    return whole ? groups(rows, shape, ofMask) : new Lines(rows, shape, ofScores, ofMask);
  }

  private static Step groups(SoftmaxRows each, long[] shape, long[] ofMask) {
    int axis = shape.length - 1;
    long rows = 1;
    while (axis > 0 && (ofMask[axis - 1] == 0 || shape[axis - 1] == 1)) {
      rows *= shape[--axis];
    }
    return new Groups(each, Arrays.copyOf(shape, axis), Arrays.copyOf(ofMask, axis), rows);
  }

  /**
   * Rows that follow each other and share a row of the mask.
   *
   * @param each computes rows
   * @param dims of the groups
   * @param ofMask from one group to the next, in floats
   * @param rows of a group
   */
  private record Groups(SoftmaxRows each, long[] dims, long[] ofMask, long rows) implements Step {
    @Override
    public long scratchBytes() {
      return each.scratchBytes(rows);
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      group(0, 0, 0, in, out[0], scratch.memory());
    }

    /** Goes through the groups of an axis; returns the row behind them. */
    private long group(int axis, long mask, long row, MemorySegment[] in, MemorySegment out,
        MemorySegment memory) {
      if (axis == dims.length) {
        each.run(Runs.from(4 * row * each.columns(), in[0]), Runs.from(4 * mask, in[1]), out, row, rows,
            memory);
        return row + rows;
      }
      long next = row;
      for (long i = 0; i < dims[axis]; i++) {
        next = group(axis + 1, mask + i * ofMask[axis], next, in, out, memory);
      }
      return next;
    }
  }

  /**
   * Row by row, of which an operand may have only one element.
   *
   * @param each computes rows
   * @param dims of the result
   * @param ofScores steps of the scores in floats, by axis
   * @param ofMask likewise
   */
  private record Lines(SoftmaxRows each, long[] dims, long[] ofScores, long[] ofMask) implements Step {
    private long bytes() {
      return 4L * each.columns();
    }

    @Override
    public long scratchBytes() {
      return 2 * bytes() + each.scratchBytes(1);
    }

    /** A row of the scores, one of the mask, and what a run of a row needs. */
    @Override
    public long[] scratchCuts() {
      return new long[]{bytes(), 2 * bytes()};
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      line(0, 0, 0, 0, in, scratch, out[0]);
    }

    private long line(int axis, long score, long mask, long y, MemorySegment[] in, Scratch scratch,
        MemorySegment out) {
      if (axis == dims.length - 1) {
        MemorySegment row = scratch.part(0);
        MemorySegment ofRow = scratch.part(1);
        for (int i = 0; i < each.columns(); i++) {
          row.set(Elements.FLOAT, 4L * i, Elements.real(in[0], score + i * ofScores[axis]));
          ofRow.set(Elements.FLOAT, 4L * i, Elements.real(in[1], mask + i * ofMask[axis]));
        }
        each.run(row, ofRow, out, y, 1, scratch.part(2));
        return y + 1;
      }
      long next = y;
      for (long i = 0; i < dims[axis]; i++) {
        next = line(axis + 1, score + i * ofScores[axis], mask + i * ofMask[axis], next, in, scratch, out);
      }
      return next;
    }
  }
}
