package dev.octet.quantize.file;

import java.util.List;

/** What a node without arithmetic does to the axes of a value: which axis of its input an axis is. */
sealed interface OnnxStep {
  /** Reads an axis of the result as one of the input, or a negative number where it is none. */
  int before(int axis, int rank);

  /** How many axes the result has, of an input with so many. */
  default int rank(int rank) {
    return rank;
  }

  /**
   * A Transpose.
   *
   * @param axes those of the input; none for all in the opposite order
   */
  record Permuted(List<Integer> axes) implements OnnxStep {
    @Override
    public int before(int axis, int rank) {
      return axes.isEmpty() ? rank - 1 - axis : axes.size() == rank ? axes.get(axis) : -1;
    }
  }

  /**
   * An Unsqueeze.
   *
   * @param added the axes of the result that are new, those below 0 from the end
   */
  record Unsqueezed(List<Integer> added) implements OnnxStep {
    @Override
    public int before(int axis, int rank) {
      int result = axis;
      for (int a : added) {
        int place = a < 0 ? a + rank : a;
        if (place == axis || place < 0 || place >= rank) {
          return -1;
        }
        if (place < axis) {
          result--;
        }
      }
      return result;
    }

    @Override
    public int rank(int rank) {
      return rank + added.size();
    }
  }
}
