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
 * What a pass makes of scores that are multiplied with a number, added to a mask, and go through a softmax
 * along the last axis. Its inputs are the scores and the mask, which are broadcast to each other.
 *
 * @param scale of the scores, finite
 */
public record MaskedSoftmax(float scale) implements Op {
  @Override
  public String type() {
    return "MaskedSoftmax";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    return List.of(
        Known.shaped(ElementType.F32, Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    dev.octet.op.Softmax op = octet.softmax().scale(scale).prepare();
    return new OctetKernel(op, 2, in -> plan(op, in.get(0).dims(), in.get(1).dims()));
  }

  private static Step plan(dev.octet.op.Softmax op, long[] scores, long[] mask) {
    long[] shape = Dims.broadcast(scores, mask);
    long[] ofScores = Strided.broadcast(scores, shape);
    long[] ofMask = Strided.broadcast(mask, shape);
    int columns = Runs.array("a softmax", shape[shape.length - 1]);
    boolean whole = Arrays.equals(scores, shape) && mask.length > 0 && mask[mask.length - 1] == columns;
    return whole ? groups(op, shape, ofMask, columns) : new Lines(op, shape, ofScores, ofMask, columns);
  }

  private static Step groups(dev.octet.op.Softmax op, long[] shape, long[] ofMask, int columns) {
    int axis = shape.length - 1;
    long rows = 1;
    while (axis > 0 && (ofMask[axis - 1] == 0 || shape[axis - 1] == 1)) {
      rows *= shape[--axis];
    }
    return new Groups(op, Arrays.copyOf(shape, axis), Arrays.copyOf(ofMask, axis), rows, columns);
  }

  /**
   * Rows that follow each other and share a row of the mask.
   *
   * @param op of rows
   * @param dims of the groups
   * @param ofMask from one group to the next, in floats
   * @param rows of a group
   * @param columns of a row
   */
  private record Groups(dev.octet.op.Softmax op, long[] dims, long[] ofMask, long rows,
      int columns) implements Step {
    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      if (dims.length == 0) {
        op.run(in[0], in[1], out[0], rows, columns);
      } else {
        group(0, 0, 0, in, out);
      }
    }

    /** Goes through the groups of an axis; returns the row behind them. */
    private long group(int axis, long mask, long row, MemorySegment[] in, MemorySegment[] out) {
      if (axis == dims.length) {
        long bytes = 4 * rows * columns;
        long at = 4 * row * columns;
        op.run(in[0].asSlice(at, bytes), in[1].asSlice(4 * mask, 4L * columns), out[0].asSlice(at, bytes),
            rows, columns);
        return row + rows;
      }
      long next = row;
      for (long i = 0; i < dims[axis]; i++) {
        next = group(axis + 1, mask + i * ofMask[axis], next, in, out);
      }
      return next;
    }
  }

  /**
   * Row by row, of which an operand may have only one element.
   *
   * @param op of rows
   * @param dims of the result
   * @param ofScores steps of the scores in floats, by axis
   * @param ofMask likewise
   * @param columns of a row
   */
  private record Lines(dev.octet.op.Softmax op, long[] dims, long[] ofScores, long[] ofMask,
      int columns) implements Step {
    @Override
    public long scratchBytes() {
      return 8L * columns;
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment row = scratch.memory().asSlice(0, 4L * columns);
      MemorySegment mask = scratch.memory().asSlice(4L * columns, 4L * columns);
      line(0, 0, 0, 0, in, row, mask, out[0]);
    }

    private long line(int axis, long score, long mask, long y, MemorySegment[] in, MemorySegment row,
        MemorySegment ofRow, MemorySegment out) {
      if (axis == dims.length - 1) {
        for (int i = 0; i < columns; i++) {
          row.set(Elements.FLOAT, 4L * i, Elements.real(in[0], score + i * ofScores[axis]));
          ofRow.set(Elements.FLOAT, 4L * i, Elements.real(in[1], mask + i * ofMask[axis]));
        }
        op.run(row, ofRow, out.asSlice(4 * y, 4L * columns), 1, columns);
        return y + columns;
      }
      long next = y;
      for (long i = 0; i < dims[axis]; i++) {
        next = line(axis + 1, score + i * ofScores[axis], mask + i * ofMask[axis], next, in, row, ofRow, out);
      }
      return next;
    }
  }
}
