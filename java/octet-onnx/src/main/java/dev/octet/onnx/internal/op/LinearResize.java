package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;

/**
 * Interpolates between two rows and two columns, in the order of ONNX Runtime: a sum of four products of an
 * element with the product of its weights.
 *
 * @param planes how many images there are
 * @param rows of an image
 * @param columns of an image
 */
record LinearResize(long planes, ResizeAxis rows, ResizeAxis columns) implements Step {
  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    int width = columns.out();
    int[] first = scratch.ints(width);
    float[] weights = scratch.floats(0, width);
    float[] others = scratch.floats(1, width);
    float[] above = scratch.floats(2, columns.in());
    float[] below = scratch.floats(3, columns.in());
    float[] result = scratch.floats(4, width);
    for (int i = 0; i < width; i++) {
      float place = columns.place(i);
      first[i] = (int) place;
      int second = columns.second(first[i]);
      weights[i] = ResizeAxis.weight(place, first[i], second, second);
      others[i] = ResizeAxis.weight(place, first[i], second, first[i]);
    }
    for (long plane = 0; plane < planes; plane++) {
      for (int y = 0; y < rows.out(); y++) {
        float place = rows.place(y);
        int upper = (int) place;
        int lower = rows.second(upper);
        read(in[0], plane * rows.in() + upper, above);
        read(in[0], plane * rows.in() + lower, below);
        float upperWeight = ResizeAxis.weight(place, upper, lower, lower);
        float lowerWeight = ResizeAxis.weight(place, upper, lower, upper);
        for (int x = 0; x < width; x++) {
          int left = first[x];
          int right = columns.second(left);
          result[x] = weights[x] * upperWeight * above[left] + others[x] * upperWeight * above[right]
              + weights[x] * lowerWeight * below[left] + others[x] * lowerWeight * below[right];
        }
        MemorySegment.copy(result, 0, out[0], Elements.FLOAT, 4 * (plane * rows.out() + y) * width, width);
      }
    }
  }

  private void read(MemorySegment from, long row, float[] into) {
    MemorySegment.copy(from, Elements.FLOAT, 4 * row * columns.in(), into, 0, columns.in());
  }
}
