package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Octet's product of 8-bit rows that all have the scale and zero point that are inputs of the node.
 *
 * @param op prepared with a scale and zero point of each row
 * @param type of the rows
 * @param scaleInput which input the scale is; -1 where it is 1
 * @param zeroPointInput which input the zero point is; -1 where it is 0
 */
record RowProduct(MatMul op, ElementType type, int scaleInput, int zeroPointInput) implements Kernel {
  @Override
  public Step plan(List<Known> in, List<Known> out) {
    int rows = Runs.rows(in.getFirst());
    return new Step() {
      @Override
      public long scratchBytes() {
        return 8L * rows;
      }

      @Override
      public long[] scratchCuts() {
        return new long[]{4L * rows};
      }

      @Override
      public void run(MemorySegment[] from, MemorySegment[] to, Scratch scratch) {
        float scale = scaleInput < 0 ? 1 : Elements.real(from[scaleInput], 0);
        int zeroPoint = zeroPointInput < 0 ? 0 : (int) Elements.integer(from[zeroPointInput], type, 0);
        MemorySegment scales = scratch.part(0);
        MemorySegment zeroPoints = scratch.part(1);
        for (long row = 0; row < rows; row++) {
          scales.set(Elements.FLOAT, 4 * row, scale);
          zeroPoints.set(Elements.INT, 4 * row, zeroPoint);
        }
        op.run(from[0], scales, zeroPoints, to[0], rows);
      }
    };
  }

  @Override
  public String name() {
    return op.kernel();
  }

  @Override
  public boolean reads(int input) {
    return input == 0 || input == scaleInput || input == zeroPointInput;
  }

  @Override
  public void close() {
    op.close();
  }
}
