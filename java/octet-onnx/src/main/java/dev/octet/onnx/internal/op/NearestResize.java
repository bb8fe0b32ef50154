package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;

/**
 * Takes the nearest elements, row by row.
 *
 * @param axes all axes
 */
record NearestResize(ResizeAxis[] axes) implements Step {
  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    ResizeAxis columns = axes[axes.length - 1];
    int[] elements = scratch.ints(columns.out());
    for (int i = 0; i < columns.out(); i++) {
      elements[i] = columns.nearest(i);
    }
    rows(0, in[0], 0, out[0], 0, elements, scratch);
  }

  /** Resizes what lies behind an axis: from the row of the image to that of the result. */
  private void rows(int axis, MemorySegment x, long from, MemorySegment y, long to, int[] elements,
      Scratch scratch) {
    ResizeAxis one = axes[axis];
    if (axis == axes.length - 1) {
      float[] row = scratch.floats(0, one.in());
      float[] result = scratch.floats(1, one.out());
      MemorySegment.copy(x, Elements.FLOAT, 4 * from * one.in(), row, 0, one.in());
      for (int i = 0; i < one.out(); i++) {
        result[i] = row[elements[i]];
      }
      MemorySegment.copy(result, 0, y, Elements.FLOAT, 4 * to * one.out(), one.out());
      return;
    }
    for (int i = 0; i < one.out(); i++) {
      rows(axis + 1, x, from * one.in() + one.nearest(i), y, to * one.out() + i, elements, scratch);
    }
  }
}
